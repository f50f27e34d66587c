package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"github.com/apache/arrow-go/v18/arrow/flight/flightsql/driver"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// What flightsql.Client speaks by: in the clear where no authority is given.
func transport(asked task) (credentials.TransportCredentials, error) {
	if asked.CA == "" {
		return insecure.NewCredentials(), nil
	}
	config, err := certificates(asked)
	if err != nil {
		return nil, err
	}
	return credentials.NewTLS(config), nil
}

// Gives database/sql's driver the certificates, for DSNs that name them.
func register(asked task) error {
	if asked.CA == "" {
		return nil
	}
	config, err := certificates(asked)
	if err != nil {
		return err
	}
	if err := driver.UnregisterTLSConfig(asked.Name); err != nil && !errors.Is(err, driver.ErrRegistryNoEntry) {
		return err
	}
	return driver.RegisterTLSConfig(asked.Name, config)
}

// Trusts the authority alone, and shows a certificate where there is one.
func certificates(asked task) (*tls.Config, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(asked.CA)) {
		return nil, errors.New("ca is no certificate")
	}
	config := &tls.Config{RootCAs: roots}
	if asked.Cert == "" {
		return config, nil
	}
	pair, err := tls.X509KeyPair([]byte(asked.Cert), []byte(asked.Key))
	config.Certificates = []tls.Certificate{pair}
	return config, err
}
