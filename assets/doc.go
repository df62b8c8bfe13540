// Package assets holds what is data and not code: the icons, the application's icon and
// the translations. It imports nothing, so that every room may use it.
//
// An icon is an SVG on a 24 grid with a 1.75 line and round caps, drawn in "currentColor";
// Icon returns it in the colour that is asked for, because a toolkit's recolouring
// usually reaches fills only, not strokes.
package assets
