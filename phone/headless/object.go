package headless

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// object is a JSON object that keeps the order of its fields, so that lines read well.
type object []field

type field struct {
	name  string
	value any
}

// set appends a field.
func (o *object) set(name string, value any) { *o = append(*o, field{name, value}) }

// text appends a string unless it is empty.
func (o *object) text(name, value string) {
	if value != "" {
		o.set(name, value)
	}
}

// number appends a number unless it is zero.
func (o *object) number(name string, value int) {
	if value != 0 {
		o.set(name, value)
	}
}

// flag appends true; false is left out.
func (o *object) flag(name string, value bool) {
	if value {
		o.set(name, true)
	}
}

// MarshalJSON writes the fields in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// line is the object as one JSON line without its end.
func (o object) line() []byte {
	data, err := json.Marshal(o)
	if err != nil { // only values of ours get here, all of which can be written
		return []byte(`{"ok":false,"code":-1,"error":"UNKNOWN_ERROR"}`)
	}
	return data
}

// seconds writes a time as seconds since 1970 with microseconds.
func seconds(t time.Time) json.Number {
	if t.IsZero() {
		t = time.Now()
	}
	us := t.UnixMicro()
	return json.Number(fmt.Sprintf("%d.%06d", us/1e6, us%1e6))
}
