package locate

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone/sipua/locate/locatetest"
)

// BenchmarkLocate measures a whole search, NAPTR to addresses, at a name server on loopback, and one that the cache answers.
func BenchmarkLocate(b *testing.B) {
	s := locatetest.Serve(b, append([]string{`pbx.example. 60 IN NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.pbx.example.`,
		"_sip._tcp.pbx.example. 60 IN SRV 0 0 5072 b.pbx.example."}, machines...)...)
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			if _, err := resolver(s).Locate(b.Context(), pbx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cached", func(b *testing.B) {
		r := resolver(s)
		for b.Loop() {
			if _, err := r.Locate(b.Context(), pbx); err != nil {
				b.Fatal(err)
			}
		}
	})
}
