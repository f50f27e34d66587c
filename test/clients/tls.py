"""Certificates as ADBC's driver takes them."""

NAMES = {"tls_root_certs": "tls_root_certs", "cert_chain": "mtls_cert_chain", "private_key": "mtls_private_key"}


def adbc_options(tls):
    """db_kwargs of what pyarrow takes as keyword arguments."""
    return {f"adbc.flight.sql.client_option.{NAMES[name]}": value for name, value in tls.items()}
