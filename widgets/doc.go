// Package widgets draws Hookswitch's controls. A widget draws the state that SetState hands
// it and reports a person's gesture through its On… functions, nothing else: SetState never
// calls back, and no widget knows what a telephone is.
//
//	            SetState(state)                 gesture
//	app  ───────────────────────▶  widget  ───────────────────▶  On…(…)  ──▶  app
//	         (a comparable value;            (tap, key, paste;
//	       equal to the last one:              never from
//	          nothing is redrawn)              SetState)
//
// Every method belongs to Fyne's main goroutine. Colours are names of the theme in theme.go,
// so light, dark and a change between them reach every widget through Refresh. Texts come
// from outside; widgets translate nothing.
package widgets
