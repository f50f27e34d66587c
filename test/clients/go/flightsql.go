package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// The client that was opened last, what each of its calls sends, and its open transactions by name.
var (
	client       *flightsql.Client
	outgoing     metadata.MD
	transactions = map[string]*flightsql.Txn{}
)

func init() {
	operations["open"] = open
	operations["query"] = withHeaders(query)
	operations["update"] = withHeaders(update)
	operations["prepared_query"] = withHeaders(preparedQuery)
	operations["prepared_update"] = withHeaders(preparedUpdate)
	operations["describe"] = withHeaders(describe)
	operations["ingest"] = withHeaders(ingest)
	operations["begin"] = withHeaders(begin)
	operations["end"] = withHeaders(end)
	operations["savepoint"] = withHeaders(savepoint)
	operations["poll"] = withHeaders(poll)
	operations["get_options"] = withHeaders(getOptions)
	operations["set_options"] = withHeaders(setOptions)
	operations["close_session"] = withHeaders(closeSession)
	operations["cancel_twice"] = withHeaders(cancelTwice)
}

// Connects; with a password by a handshake, else the token goes with each call.
func open(ctx context.Context, asked task) (any, error) {
	secured, err := transport(asked)
	if err != nil {
		return nil, err
	}
	client, err = flightsql.NewClient(asked.Address, nil, nil, grpc.WithTransportCredentials(secured))
	if err != nil {
		return nil, err
	}
	outgoing = metadata.New(asked.Headers)
	if asked.Password == "" {
		outgoing.Set("authorization", "Bearer "+asked.Token)
		return nil, nil
	}
	ctx, err = client.Client.AuthenticateBasicToken(ctx, "token", asked.Password)
	if err == nil {
		granted, _ := metadata.FromOutgoingContext(ctx)
		outgoing = metadata.Join(outgoing, granted)
	}
	return nil, err
}

func withHeaders(work operation) operation {
	return func(ctx context.Context, asked task) (any, error) {
		return work(metadata.NewOutgoingContext(ctx, outgoing), asked)
	}
}

func query(ctx context.Context, asked task) (any, error) {
	execute := client.Execute
	if asked.Name != "" {
		execute = transactions[asked.Name].Execute
	}
	info, err := execute(ctx, asked.SQL)
	if err != nil {
		return nil, err
	}
	rows, _, err := read(ctx, info)
	return rows, err
}

func update(ctx context.Context, asked task) (any, error) {
	if asked.Name != "" {
		return transactions[asked.Name].ExecuteUpdate(ctx, asked.SQL)
	}
	return client.ExecuteUpdate(ctx, asked.SQL)
}

func prepare(ctx context.Context, asked task) (*flightsql.PreparedStatement, error) {
	if asked.Name != "" {
		return transactions[asked.Name].Prepare(ctx, asked.SQL)
	}
	return client.Prepare(ctx, asked.SQL)
}

// Binds args, a list of rows of whole numbers and texts, and answers the rows of all.
func preparedQuery(ctx context.Context, asked task) (any, error) {
	statement, err := prepare(ctx, asked)
	if err != nil {
		return nil, err
	}
	defer statement.Close(ctx)
	if err := bind(statement, asked.Args); err != nil {
		return nil, err
	}
	info, err := statement.Execute(ctx)
	if err != nil {
		return nil, err
	}
	rows, _, err := read(ctx, info)
	return rows, err
}

func preparedUpdate(ctx context.Context, asked task) (any, error) {
	statement, err := prepare(ctx, asked)
	if err != nil {
		return nil, err
	}
	defer statement.Close(ctx)
	if err := bind(statement, asked.Args); err != nil {
		return nil, err
	}
	return statement.ExecuteUpdate(ctx)
}

func bind(statement *flightsql.PreparedStatement, args []any) error {
	if len(args) == 0 {
		return nil
	}
	record, err := recordOf(args)
	if err == nil {
		statement.SetParameters(record)
	}
	return err
}

// A batch of rows, each a list of numbers (int64) and texts.
func recordOf(rows []any) (arrow.RecordBatch, error) {
	first, ok := rows[0].([]any)
	if !ok {
		return nil, errors.New("args are lists, one a row")
	}
	fields := make([]arrow.Field, len(first))
	for i, value := range first {
		fields[i] = arrow.Field{Name: fmt.Sprintf("c%d", i), Type: arrow.BinaryTypes.String, Nullable: true}
		if _, number := value.(float64); number {
			fields[i].Type = arrow.PrimitiveTypes.Int64
		}
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	for _, row := range rows {
		for i, value := range row.([]any) {
			switch value := value.(type) {
			case nil:
				builder.Field(i).AppendNull()
			case float64:
				builder.Field(i).(*array.Int64Builder).Append(int64(value))
			case string:
				builder.Field(i).(*array.StringBuilder).Append(value)
			}
		}
	}
	return builder.NewRecordBatch(), nil
}

// What the server says of a statement that it has not run.
func describe(ctx context.Context, asked task) (any, error) {
	statement, err := prepare(ctx, asked)
	if err != nil {
		return nil, err
	}
	defer statement.Close(ctx)
	return map[string]any{
		"dataset":    fieldsOf(statement.DatasetSchema()),
		"parameters": fieldsOf(statement.ParameterSchema()),
	}, nil
}

func fieldsOf(schema *arrow.Schema) any {
	if schema == nil {
		return nil
	}
	fields := [][]string{}
	for _, field := range schema.Fields() {
		fields = append(fields, []string{field.Name, field.Type.String()})
	}
	return fields
}

func ingest(ctx context.Context, asked task) (any, error) {
	record, err := recordOf(asked.Args)
	if err != nil {
		return nil, err
	}
	reader, err := array.NewRecordReader(record.Schema(), []arrow.RecordBatch{record})
	if err != nil {
		return nil, err
	}
	return client.ExecuteIngest(ctx, reader, &flightsql.ExecuteIngestOpts{
		TableDefinitionOptions: &flightsql.TableDefinitionOptions{
			IfNotExist: flightsql.TableDefinitionOptionsTableNotExistOptionCreate,
			IfExists:   flightsql.TableDefinitionOptionsTableExistsOptionAppend,
		},
		Table: asked.Table,
	})
}

func begin(ctx context.Context, asked task) (any, error) {
	transaction, err := client.BeginTransaction(ctx)
	transactions[asked.Name] = transaction
	return nil, err
}

func end(ctx context.Context, asked task) (any, error) {
	if asked.Commit {
		return nil, transactions[asked.Name].Commit(ctx)
	}
	return nil, transactions[asked.Name].Rollback(ctx)
}

func savepoint(ctx context.Context, asked task) (any, error) {
	_, err := transactions[asked.Name].BeginSavepoint(ctx, "here")
	return nil, err
}

// Polls until there is nothing more to wait for and answers the rows.
func poll(ctx context.Context, asked task) (any, error) {
	var next *flight.FlightDescriptor
	for {
		told, err := client.ExecutePoll(ctx, asked.SQL, next)
		if err != nil {
			return nil, err
		}
		if next = told.GetFlightDescriptor(); next == nil {
			rows, _, err := read(ctx, told.GetInfo())
			return rows, err
		}
	}
}

func getOptions(ctx context.Context, _ task) (any, error) {
	told, err := client.GetSessionOptions(ctx, &flight.GetSessionOptionsRequest{})
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for name, option := range told.GetSessionOptions() {
		values[name] = option.GetStringValue()
	}
	return values, nil
}

// Answers the names of the options that could not be set, each with why.
func setOptions(ctx context.Context, asked task) (any, error) {
	options, err := flight.NewSessionOptionValues(asked.Options)
	if err != nil {
		return nil, err
	}
	told, err := client.SetSessionOptions(ctx, &flight.SetSessionOptionsRequest{SessionOptions: options})
	if err != nil {
		return nil, err
	}
	refused := map[string]string{}
	for name, problem := range told.GetErrors() {
		refused[name] = problem.GetValue().String()
	}
	return refused, nil
}

func closeSession(ctx context.Context, _ task) (any, error) {
	told, err := client.CloseSession(ctx, &flight.CloseSessionRequest{})
	if err != nil {
		return nil, err
	}
	return told.GetStatus().String(), nil
}

// Begins to read, cancels by the action's new name, and once more by the old one.
func cancelTwice(ctx context.Context, asked task) (any, error) {
	info, err := client.Execute(ctx, asked.SQL)
	if err != nil {
		return nil, err
	}
	reader, err := client.DoGet(ctx, info.Endpoint[0].Ticket)
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	if !reader.Next() {
		return nil, reader.Err()
	}
	told, err := client.CancelFlightInfo(ctx, &flight.CancelFlightInfoRequest{Info: info})
	if err != nil {
		return nil, err
	}
	for reader.Next() {
	}
	again, err := client.CancelQuery(ctx, info)
	if err != nil {
		return nil, err
	}
	return []any{told.GetStatus().String(), failure(reader.Err())["error"], int(again)}, nil
}

// All rows as objects, and the schema that came with them.
func read(ctx context.Context, info *flight.FlightInfo) ([]any, *arrow.Schema, error) {
	rows := []any{}
	var schema *arrow.Schema
	for _, endpoint := range info.Endpoint {
		reader, err := client.DoGet(ctx, endpoint.Ticket)
		if err != nil {
			return nil, nil, err
		}
		schema = reader.Schema()
		for reader.Next() {
			encoded, err := reader.RecordBatch().MarshalJSON()
			if err != nil {
				return nil, nil, err
			}
			batch := []any{}
			decoder := json.NewDecoder(bytes.NewReader(encoded))
			decoder.UseNumber()
			if err := decoder.Decode(&batch); err != nil {
				return nil, nil, err
			}
			rows = append(rows, batch...)
		}
		err = reader.Err()
		reader.Release()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, err
		}
	}
	return rows, schema, nil
}
