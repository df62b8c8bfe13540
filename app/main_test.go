package app

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if err := os.Setenv("LANG", "en_US.UTF-8"); err != nil {
		panic(err)
	}
	if err := loadTranslations(); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) // the toolkit starts a queue when it is imported
}
