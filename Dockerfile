# The mock server in a container, for tests in any language: docs/site/other-languages.md says how to use it.
# Renew the digest with: docker buildx imagetools inspect python:3.13-slim
ARG PYTHON=python:3.13-slim@sha256:ffb752e139c0a19692a43af8d8523b274222dd68eebad5d583b45c2201c6e30a

FROM ${PYTHON} AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY examples/data examples/data
COPY docs/job.schema.json docs/job.schema.json
COPY mock_server mock_server
COPY maas_client maas_client
RUN python -m venv /opt/mock \
    && /opt/mock/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt '.[mock]'

FROM ${PYTHON}
RUN useradd --uid 10001 --no-create-home mock \
    && install --directory --owner 10001 /certs /state
COPY --from=build /opt/mock /opt/mock
USER 10001
EXPOSE 8765
VOLUME ["/certs", "/state"]
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["/opt/mock/bin/python", "-c", "import ssl, urllib.request; urllib.request.urlopen('https://127.0.0.1:8765/_mock/health', context=ssl.create_default_context(cafile='/certs/ca.pem'))"]
# `mock` is the name of the service in a compose file; add others with --tls-name NAME after the image's name.
ENTRYPOINT ["/opt/mock/bin/python", "-m", "mock_server", "--host", "0.0.0.0", "--port", "8765", "--tls", "--tls-name", "mock", "--ca-out", "/certs/ca.pem", "--log-requests"]
