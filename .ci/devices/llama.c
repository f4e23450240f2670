// libllama.so for LLamaSharp 0.30 over node-llama-cpp's build b10068: loads the backends that lie beside it, and turns model parameters,
// of which LLamaSharp has load_mode where that build has use_mmap, use_direct_io and use_mlock, into that build's.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct sharp {
    void *devices, *overrides;
    int gpu_layers, split_mode, load_mode, main_gpu;
    void *tensor_split, *progress, *progress_data, *kv_overrides;
    unsigned char vocab_only, check_tensors, extra_bufts, no_host, no_alloc, rest[3];
};

struct build {
    void *devices, *overrides;
    int gpu_layers, split_mode, main_gpu;
    void *tensor_split, *progress, *progress_data, *kv_overrides;
    unsigned char vocab_only, mmap, direct_io, mlock, check_tensors, extra_bufts, no_host, no_alloc;
};

_Static_assert(sizeof(struct sharp) == 72 && sizeof(struct build) == 72 && offsetof(struct build, tensor_split) == 32, "layout");

void ggml_backend_load_all_from_path(const char *path);

static void *real;

__attribute__((constructor)) static void load(void) {
    Dl_info info;
    char folder[4096];
    real = dlopen(LLAMA, RTLD_NOW | RTLD_NOLOAD); // what this library is linked to
    if (!dladdr((void *)load, &info))
        return;
    snprintf(folder, sizeof folder, "%s", info.dli_fname);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = 0;
    ggml_backend_load_all_from_path(folder);
}

struct sharp llama_model_default_params(void) {
    struct build b = ((struct build (*)(void))dlsym(real, "llama_model_default_params"))();
    return (struct sharp){b.devices, b.overrides, b.gpu_layers, b.split_mode, b.mmap, b.main_gpu, b.tensor_split, b.progress,
        b.progress_data, b.kv_overrides, b.vocab_only, b.check_tensors, b.extra_bufts, b.no_host, b.no_alloc, {0}};
}

void *llama_model_load_from_file(const char *path, struct sharp s) {
    struct build b = {s.devices, s.overrides, s.gpu_layers, s.split_mode, s.main_gpu, s.tensor_split, s.progress, s.progress_data,
        s.kv_overrides, s.vocab_only, s.load_mode != 0, 0, 0, s.check_tensors, s.extra_bufts, s.no_host, s.no_alloc};
    return ((void *(*)(const char *, struct build))dlsym(real, "llama_model_load_from_file"))(path, b);
}

void *llama_load_model_from_file(const char *path, struct sharp s) { return llama_model_load_from_file(path, s); }
