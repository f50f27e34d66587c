package main

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql/schema_ref"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

func init() {
	operations["metadata"] = withHeaders(metadataOf)
}

// One of the catalogue's commands: how it is asked, and the schema that arrow-go holds to be the specification's.
type listing struct {
	schema *arrow.Schema
	info   func(context.Context) (*flight.FlightInfo, error)
	told   func(context.Context) (*flight.SchemaResult, error)
}

func listings(asked task) map[string]listing {
	one := flightsql.TableRef{Catalog: asked.Catalog, DBSchema: asked.Schema, Table: asked.Table}
	var pattern *string
	if asked.Table != "" {
		pattern = &asked.Table
	}
	tables := &flightsql.GetTablesOpts{
		Catalog: asked.Catalog, DbSchemaFilterPattern: asked.Schema, TableNameFilterPattern: pattern,
		IncludeSchema: asked.WithColumns,
	}
	tablesSchema := schema_ref.Tables
	if asked.WithColumns {
		tablesSchema = schema_ref.TablesWithIncludedSchema
	}
	type ctx = context.Context
	type info = *flight.FlightInfo
	type told = *flight.SchemaResult
	return map[string]listing{
		"GetCatalogs": {schema_ref.Catalogs,
			func(c ctx) (info, error) { return client.GetCatalogs(c) },
			func(c ctx) (told, error) { return client.GetCatalogsSchema(c) }},
		"GetDBSchemas": {schema_ref.DBSchemas,
			func(c ctx) (info, error) {
				return client.GetDBSchemas(c, &flightsql.GetDBSchemasOpts{Catalog: asked.Catalog})
			},
			func(c ctx) (told, error) { return client.GetDBSchemasSchema(c) }},
		"GetTables": {tablesSchema,
			func(c ctx) (info, error) { return client.GetTables(c, tables) },
			func(c ctx) (told, error) { return client.GetTablesSchema(c, tables) }},
		"GetTableTypes": {schema_ref.TableTypes,
			func(c ctx) (info, error) { return client.GetTableTypes(c) },
			func(c ctx) (told, error) { return client.GetTableTypesSchema(c) }},
		"GetPrimaryKeys": {schema_ref.PrimaryKeys,
			func(c ctx) (info, error) { return client.GetPrimaryKeys(c, one) },
			func(c ctx) (told, error) { return client.GetPrimaryKeysSchema(c) }},
		"GetImportedKeys": {schema_ref.ImportedKeys,
			func(c ctx) (info, error) { return client.GetImportedKeys(c, one) },
			func(c ctx) (told, error) { return client.GetImportedKeysSchema(c) }},
		"GetExportedKeys": {schema_ref.ExportedKeys,
			func(c ctx) (info, error) { return client.GetExportedKeys(c, one) },
			func(c ctx) (told, error) { return client.GetExportedKeysSchema(c) }},
		"GetCrossReference": {schema_ref.CrossReference,
			func(c ctx) (info, error) { return client.GetCrossReference(c, one, one) },
			func(c ctx) (told, error) { return client.GetCrossReferenceSchema(c) }},
		"GetXdbcTypeInfo": {schema_ref.XdbcTypeInfo,
			func(c ctx) (info, error) { return client.GetXdbcTypeInfo(c, nil) },
			func(c ctx) (told, error) { return client.GetXdbcTypeInfoSchema(c) }},
		"GetSqlInfo": {nil,
			func(c ctx) (info, error) { return client.GetSqlInfo(c, nil) },
			func(c ctx) (told, error) { return client.GetSqlInfoSchema(c) }},
	}
}

// Answers the rows of a listing and what differs in its three schemas: of its FlightInfo, its SchemaResult, its data.
func metadataOf(ctx context.Context, asked task) (any, error) {
	list, known := listings(asked)[asked.Name]
	if !known {
		return nil, fmt.Errorf("no such listing: %s", asked.Name)
	}
	info, err := list.info(ctx)
	if err != nil {
		return nil, err
	}
	rows, inData, err := read(ctx, info)
	if err != nil {
		return nil, err
	}
	told, err := list.told(ctx)
	if err != nil {
		return nil, err
	}
	inInfo, err := flight.DeserializeSchema(info.Schema, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	inResult, err := flight.DeserializeSchema(told.GetSchema(), memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	wanted := list.schema
	if wanted == nil {
		wanted = inInfo
	}
	different := map[string]string{}
	for where, schema := range map[string]*arrow.Schema{"info": inInfo, "schema": inResult, "data": inData} {
		if !schema.Equal(wanted) {
			different[where] = schema.String()
		}
	}
	return map[string]any{"rows": rows, "different": different}, nil
}
