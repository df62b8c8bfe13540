//go:build linux

package interop

import "testing"

func TestKamailioStarts(t *testing.T) {
	t.Run("MD5", func(t *testing.T) { startKamailio(t) })
	t.Run("SHA-256", func(t *testing.T) { startKamailio(t, withSHA256) })
}
