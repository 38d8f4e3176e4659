"""Machine endpoints: JSON in and out, described by OpenAPI, refusals as problem+json (RFC 9457)."""
