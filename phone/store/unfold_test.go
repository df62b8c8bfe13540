package store

import (
	"bufio"
	"strings"
	"testing"
)

func TestALineOfACardIsCutWhereverItIsLong(t *testing.T) {
	long := strings.Repeat("x", 3*mostLine)
	for what, text := range map[string]string{"in one": long, "folded": "N:" + strings.Repeat("\r\n "+long[:100], 1000),
		"by soft breaks": "N;QUOTED-PRINTABLE:=" + strings.Repeat("\n"+long[:100]+"=", 1000)} {
		u := &unfolder{r: bufio.NewReader(strings.NewReader(text + "\nNOTE:end"))}
		first, err := u.next()
		if err != nil || len(first) > mostLine || len(first) < mostLine-200 {
			t.Errorf("%s: %d bytes, %v", what, len(first), err)
		}
		if second, err := u.next(); what != "by soft breaks" && second != "NOTE:end" || err != nil && what != "by soft breaks" {
			t.Errorf("%s: then comes %.100q, %v", what, second, err)
		}
	}
}
