# Targets `cpu` and `cuda`: docker build --target cpu -t ella-server:0.1.0 .
# BASE must be Debian 12, whose packages scripts/setup and the programs use.
ARG BASE=debian:12-slim

FROM ${BASE} AS build
# The programs look for libtorch below this folder, in the image too.
WORKDIR /opt/ella
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY . .
RUN scripts/build release ella ella-server

# Of libtorch's gigabyte, what the server loads on a CPU.
FROM build AS cpu-libraries
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN mkdir /libraries && ldd build/bin/ella-server \
  | awk '$3 ~ "^/opt/ella/" { print $3 }' \
  | xargs realpath --relative-to=. | xargs cp --parents -t /libraries

FROM build AS cuda-libraries
RUN scripts/setup --cuda && rm .deps/site/torch/lib/libtorch_python.so \
  && mkdir /libraries \
  && cp --parents -t /libraries .deps/site/torch/lib/*.so* \
    .deps/site/nvidia/*/lib/*.so*

FROM ${BASE} AS runtime
# Debian 12 keeps these versions, and mends them.
# hadolint ignore=DL3008
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y \
    --no-install-recommends libabsl20220623 libcivetweb1 libcpp-httplib0.11 \
    libcsv3 libgrpc++1.51 libpng16-16 libprometheus-cpp-core1.0 \
    libprotobuf-lite32 libprotobuf32 libutf8proc2 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/ella/build/bin/ella /opt/ella/build/bin/ella-server \
  /usr/local/bin/
# The server's default; here, too, it looks for it in the checkout.
COPY models/demo /opt/ella/models/demo
WORKDIR /tmp
ENV HOME=/tmp
USER 10001:10001
EXPOSE 8001 8002
HEALTHCHECK --interval=10s --timeout=5s --start-period=600s \
  CMD ["ella", "health"]
ENTRYPOINT ["ella-server"]

FROM runtime AS cpu
COPY --from=cpu-libraries /libraries /opt/ella
# Fails here where a library is missing.
RUN ella-server --version && ella --help >/dev/null

FROM runtime AS cuda
# What NVIDIA's container runtime has to mount.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=cuda-libraries /libraries /opt/ella
RUN ella-server --version && ella --help >/dev/null
