package app

import (
	"strings"
	"time"
)

// weekdays and months are the keys of their short names. The tables are never written to.
var (
	weekdays = [7]string{"weekday.sun", "weekday.mon", "weekday.tue", "weekday.wed", "weekday.thu", "weekday.fri", "weekday.sat"}
	months   = [12]string{"month.jan", "month.feb", "month.mar", "month.apr", "month.may", "month.jun",
		"month.jul", "month.aug", "month.sep", "month.oct", "month.nov", "month.dec"}
)

func clockTime(t time.Time) string { return t.Local().Format("15:04") }

// daysAgo is how many midnights lie between.
func daysAgo(t, now time.Time) int {
	t, now = t.Local(), now.Local()
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(day(now).Sub(day(t)).Hours() / 24)
}

// dayText names a day: Today, Yesterday, Fri, 22 May.
func dayText(t, now time.Time) string {
	switch daysAgo(t, now) {
	case 0:
		return tr("date.today")
	case 1:
		return tr("date.yesterday")
	}
	t = t.Local()
	pairs := []string{"Weekday", tr(weekdays[t.Weekday()]), "Day", itoa(t.Day()), "Month", tr(months[t.Month()-1])}
	if t.Year() != now.Local().Year() {
		return tr("date.dayOfYear", append(pairs, "Year", itoa(t.Year()))...)
	}
	return tr("date.day", pairs...)
}

// dayHead is dayText over a group.
func dayHead(t, now time.Time) string { return strings.ToUpper(dayText(t, now)) }

// shortTime is when it was, where no day stands above: 11:34, Fri 16:02, 22 May, 22 May 2025.
func shortTime(t, now time.Time) string {
	days := daysAgo(t, now)
	if days <= 0 {
		return clockTime(t)
	}
	local := t.Local()
	if days < 7 {
		return tr(weekdays[local.Weekday()]) + " " + clockTime(t)
	}
	pairs := []string{"Day", itoa(local.Day()), "Month", tr(months[local.Month()-1])}
	if local.Year() != now.Local().Year() {
		return tr("date.shortYear", append(pairs, "Year", itoa(local.Year()))...)
	}
	return tr("date.short", pairs...)
}

// fullTime is the day and the time.
func fullTime(t, now time.Time) string { return dayText(t, now) + ", " + clockTime(t) }
