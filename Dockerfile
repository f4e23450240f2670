# The server, built from its own package: docker build -t kvnorm .   (docs/deployment.md)
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG BACKEND=Cpu
ENV KvNormBackend=$BACKEND
WORKDIR /source
COPY . .
RUN dotnet pack src/KvNorm.Cli -c Release -o /packages \
 && version=$(dotnet msbuild src/KvNorm.Cli -getProperty:Version) \
 && dotnet tool install KvNorm.Cli --tool-path /opt/kvnorm --source /packages --version "$version"

FROM ${RUNTIME}
# llama.cpp's CPU libraries are built with OpenMP; curl asks whether the server is ready.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 curl && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/kvnorm /opt/kvnorm
RUN mkdir /conversations && chown 1654 /conversations
USER 1654
EXPOSE 8080
HEALTHCHECK --start-period=60s --interval=15s CMD curl --fail --silent --output /dev/null http://127.0.0.1:8080/health/ready
ENTRYPOINT ["/opt/kvnorm/kvnorm", "serve", "--host", "0.0.0.0"]
