# The manager's image, and the launcher's, for users with Docker:
#   docker buildx build --platform linux/amd64,linux/arm64 -t ecs-operator:dev .
#   docker buildx build --platform linux/amd64,linux/arm64 -t ecs-launcher:dev --target launcher .
# Without Docker, `make image` makes the same images from the same binaries.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY api api
COPY cmd cmd
COPY controllers controllers
COPY internal internal
RUN CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags "-s -w" -o /manager ./cmd/manager && \
    CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags "-s -w" -o /launcher ./cmd/launcher

FROM scratch AS launcher
COPY --from=build /launcher /launcher
ENTRYPOINT ["/launcher"]

FROM gcr.io/distroless/static:nonroot
COPY --from=build /manager /manager
USER 65532:65532
ENTRYPOINT ["/manager"]
