// Package app is the window: pages, texts, keys. It binds the widgets to the operator's state.
//
//	operator's loop ──events──▶ Subscribe(queue) ──▶ App.onEvent ──▶ render
//	                                                                  │ Snapshot + model
//	                                                                  ▼
//	     Operator's methods ◀── App's commands ◀── gestures ◀── present: a view, a plain value
//	                                                                  │ SetState
//	                                                                  ▼
//	                                                               widgets
//
// Past calls and contacts come from the CallBook, which may wait for a disk:
//
//	book ──Watch──▶ reading.ask ──▶ begin: what is wanted now ──▶ read beside ──▶ take ──▶ roll: headings and lines ──▶ RowList
//	  ▲                                (asked again meanwhile: the answer is dropped)
//	  └── change: delete, have back, save, mark as seen ◀── gestures
//
// Everything but the commands that may wait (Call, Answer, the demo's start, Destroy) runs on
// Fyne's main goroutine. What comes from elsewhere reaches it through one function, App.post,
// which holds the program's only fyne.Do. render reads the operator's snapshot and the App's own
// little model, makes a view of them (present.go, pure and tested without a window) and hands the
// parts to the widgets; a widget that gets what it has already draws nothing.
//
// Quitting: stop the clocks, unsubscribe, destroy the operator, write the preferences, quit.
package app
