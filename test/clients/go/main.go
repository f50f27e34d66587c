// Runs what the tests ask of Go's clients for Flight SQL: a line of JSON in, a line of JSON out.
//
// A task is {"op", …}, see the fields of task; an answer is {"answer"} or {"error", "message"}, the error being the name
// of its gRPC status.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc/status"
)

type task struct {
	Op          string            `json:"op"`
	Address     string            `json:"address"`
	Token       string            `json:"token"`
	Password    string            `json:"password"`
	DSN         string            `json:"dsn"`
	CA          string            `json:"ca"`
	Cert        string            `json:"cert"`
	Key         string            `json:"key"`
	SQL         string            `json:"sql"`
	Args        []any             `json:"args"`
	Name        string            `json:"name"`
	Options     map[string]any    `json:"options"`
	Headers     map[string]string `json:"headers"`
	TimeoutMs   int               `json:"timeout_ms"`
	CancelMs    int               `json:"cancel_ms"`
	Commit      bool              `json:"commit"`
	Catalog     *string           `json:"catalog"`
	Schema      *string           `json:"schema"`
	Table       string            `json:"table"`
	WithColumns bool              `json:"with_columns"`
}

type operation func(context.Context, task) (any, error)

var operations = map[string]operation{}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		if err := answers.Encode(run(line)); err != nil {
			panic(err)
		}
	}
}

func run(line []byte) map[string]any {
	var asked task
	if err := json.Unmarshal(line, &asked); err != nil {
		return failure(err)
	}
	operation, known := operations[asked.Op]
	if !known {
		return failure(fmt.Errorf("no such operation: %s", asked.Op))
	}
	ctx, cancel := limited(asked)
	defer cancel()
	answer, err := operation(ctx, asked)
	if err != nil {
		return failure(err)
	}
	return map[string]any{"answer": answer}
}

// A context that is over after timeout_ms, or cancelled after cancel_ms.
func limited(asked task) (context.Context, context.CancelFunc) {
	ctx := context.Background()
	if asked.TimeoutMs > 0 {
		return context.WithTimeout(ctx, time.Duration(asked.TimeoutMs)*time.Millisecond)
	}
	ctx, cancel := context.WithCancel(ctx)
	if asked.CancelMs > 0 {
		time.AfterFunc(time.Duration(asked.CancelMs)*time.Millisecond, cancel)
	}
	return ctx, cancel
}

func failure(err error) map[string]any {
	code := status.Code(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		code = status.FromContextError(err).Code()
	}
	return map[string]any{"error": code.String(), "message": err.Error()}
}
