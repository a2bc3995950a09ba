# telesabaq in a container: lessons are mounted at /lessons, nothing needs the network at run time.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim-bookworm AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY pipeline pipeline
COPY specs specs
COPY assets assets
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:${PYTHON}-slim-bookworm

# `voice: draft` reads with espeak-ng: docker build --build-arg ESPEAK=true .
ARG ESPEAK=false
RUN if [ "$ESPEAK" = true ]; then \
        apt-get update && apt-get install -y --no-install-recommends espeak-ng && rm -rf /var/lib/apt/lists/*; \
    fi

COPY requirements.txt /tmp/requirements.txt
RUN python -m pip install --no-cache-dir -r /tmp/requirements.txt && rm /tmp/requirements.txt
COPY --from=wheel /wheels /tmp/wheels
RUN python -m pip install --no-cache-dir --no-deps --no-index /tmp/wheels/*.whl && rm -rf /tmp/wheels

# The cache may be used by any user that the caller picks with --user.
RUN useradd --create-home --uid 1000 telesabaq && mkdir --mode 1777 /var/cache/telesabaq && mkdir /lessons
ENV TELESABAQ_CACHE=/var/cache/telesabaq PYTHONUNBUFFERED=1 LANG=C.UTF-8
USER telesabaq
WORKDIR /lessons
ENTRYPOINT ["telesabaq"]
CMD ["--help"]
