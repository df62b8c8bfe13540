package phone_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// hostileTexts are what a program that means no good, or one that was never tried, hands over for a text.
var hostileTexts = []string{
	"", " ", "600", "nobody", "in1", "1001", "a\r\nVia: SIP/2.0/UDP evil", "\x00", "\xff\xfe", "\u2028", "../../etc", "%s%n", "sip:", "sip:@",
	"sip:600@[::1", "tel:+1;phone-context=x", "<script>", strings.Repeat("7", 1<<20), strings.Repeat("é", 5000), "-1", "hangup", "terminate",
}

// hostile makes a value of that type; some of what it makes is what everybody would hand over.
func hostile(r *rand.Rand, of reflect.Type) reflect.Value {
	text := func() string { return hostileTexts[r.IntN(len(hostileTexts))] }
	v := reflect.New(of).Elem()
	switch of {
	case reflect.TypeFor[context.Context]():
		ctx, cancel := context.WithCancel(context.Background())
		if cancel(); r.IntN(3) > 0 {
			ctx = context.Background()
		}
		return reflect.ValueOf(&ctx).Elem()
	case reflect.TypeFor[phone.Secret]():
		return reflect.ValueOf([]phone.Secret{{}, phone.NewPassword(text()), phone.NewHA1(text())}[r.IntN(3)])
	}
	switch of.Kind() {
	case reflect.String:
		v.SetString(text())
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt([]int64{0, 1, 2, -1, 8, 9, 1 << 30, 'A', int64(time.Second)}[r.IntN(9)])
	case reflect.Uint16:
		v.SetUint(uint64(r.IntN(1 << 16)))
	case reflect.Slice:
		for range r.IntN(4) {
			v = reflect.Append(v, hostile(r, of.Elem()))
		}
	case reflect.Struct:
		for i := range of.NumField() {
			if r.IntN(2) == 0 && v.Field(i).CanSet() {
				v.Field(i).Set(hostile(r, of.Field(i).Type))
			}
		}
	case reflect.Func: // nil
	default:
		panic("no hostile " + of.String())
	}
	return v
}

// abuse calls a method with hostile arguments and wants it to answer: nil, or a documented error.
func (d *desk) abuse(r *rand.Rand, m reflect.Method) {
	in := []reflect.Value{reflect.ValueOf(d.op)}
	for i := 1; i < m.Type.NumIn(); i++ {
		in = append(in, hostile(r, m.Type.In(i)))
	}
	call := m.Func.Call
	if m.Type.IsVariadic() {
		call = m.Func.CallSlice
	}
	out := call(in)
	if len(out) == 0 {
		return
	}
	if err, is := out[len(out)-1].Interface().(error); is {
		if code := phone.CodeOf(err); code > -200 || code < -291 {
			d.Errorf("%s%.200v: %v has no code of ours", m.Name, fmt.Sprint(in[1:]), err)
		}
	}
}

// TestNoArgumentOfAnyMethodDoesHarm: before the start, idle, in the middle of calls and at the end, one after the other and from many
// goroutines at once.
func TestNoArgumentOfAnyMethodDoesHarm(t *testing.T) {
	type stage struct {
		name  string
		begin func(d *desk)
	}
	for _, s := range []stage{
		{"before the start", func(d *desk) { d.must(d.op.RemoveAccount("1001")); d.must(d.op.Disconnect()) }},
		{"idle", func(*desk) {}},
		{"ringing", func(d *desk) { d.ring("in1", "555") }},
		{"talking", func(d *desk) { d.answered("in1", "555"); d.talk("600") }},
		{"dialling", func(d *desk) { d.stillMedia(); d.dial("600") }},
		{"at the end", func(d *desk) { d.answered("in1", "555"); d.must(d.op.Destroy(context.Background())) }},
	} {
		t.Run(s.name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				s.begin(d)
				r := rand.New(rand.NewPCG(1, 2))
				var all sync.WaitGroup
				for m := range reflect.TypeFor[*phone.Operator]().Methods() {
					if m.Name == "Destroy" {
						continue
					}
					for range 40 {
						d.abuse(r, m)
					}
					seed := r.Uint64()
					all.Go(func() {
						for own := rand.New(rand.NewPCG(seed, 3)); own.IntN(40) > 0; {
							d.abuse(own, m)
						}
					})
				}
				all.Wait()
				d.settle()
				if s.name != "at the end" {
					d.wantLawful()
				}
			}, agreed, manyCalls, filming)
		})
	}
}

func TestAfterDestroyEveryMethodThatCanRefuseSaysSo(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Destroy(context.Background()))
		sent := len(d.net.Texts())
		says := func(name string, err error) {
			switch name {
			case "Frame", "Levels", "Stats", "KeyFeedback", "Snapshot", "Subscribe", "Destroy": // these have nothing to refuse
				d.want(err == nil, "it does nothing", name)
			default:
				d.want(errors.Is(err, phone.ErrDestroyed) && phone.CodeOf(err) == -200, "it says so", name, err)
			}
		}
		for name, command := range commandsOnCalls() {
			says(name, command(d.op, id))
		}
		for name, command := range commandsOfAll() {
			says(name, command(d.op))
		}
		told := len(d.events.Events())
		time.Sleep(time.Hour)
		d.settle()
		d.want(len(d.events.Events()) == told, "and nothing is told any more")
		for _, text := range d.net.Texts()[sent:] {
			d.want(strings.HasPrefix(text, "Media.KeyFeedback"), "nor sent", text)
		}
	})
}
