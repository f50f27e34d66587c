package main

import (
	"context"
	"database/sql"
	"fmt"

	_ "github.com/apache/arrow-go/v18/arrow/flight/flightsql/driver"
)

// The database that was opened last.
var database *sql.DB

func init() {
	operations["sql_open"] = sqlOpen
	operations["sql_query"] = sqlQuery
	operations["sql_exec"] = sqlExec
	operations["sql_transaction"] = sqlTransaction
}

func sqlOpen(ctx context.Context, asked task) (any, error) {
	if err := register(asked); err != nil {
		return nil, err
	}
	var err error
	database, err = sql.Open("flightsql", asked.DSN)
	if err != nil {
		return nil, err
	}
	return nil, database.PingContext(ctx)
}

// JSON has one kind of number, Go's callers have two.
func arguments(args []any) []any {
	converted := make([]any, len(args))
	for i, arg := range args {
		converted[i] = arg
		if number, ok := arg.(float64); ok && number == float64(int64(number)) {
			converted[i] = int64(number)
		}
	}
	return converted
}

func sqlQuery(ctx context.Context, asked task) (any, error) {
	rows, err := database.QueryContext(ctx, asked.SQL, arguments(asked.Args)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	found := [][]string{columns}
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]string, len(columns))
		for i, value := range values {
			row[i] = fmt.Sprint(value)
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

func sqlExec(ctx context.Context, asked task) (any, error) {
	result, err := database.ExecContext(ctx, asked.SQL, arguments(asked.Args)...)
	if err != nil {
		return nil, err
	}
	return result.RowsAffected()
}

// Runs one statement in a transaction and ends that.
func sqlTransaction(ctx context.Context, asked task) (any, error) {
	transaction, err := database.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := transaction.ExecContext(ctx, asked.SQL, arguments(asked.Args)...); err != nil {
		return nil, err
	}
	if asked.Commit {
		return nil, transaction.Commit()
	}
	return nil, transaction.Rollback()
}
