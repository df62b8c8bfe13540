package app

import (
	"context"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// presentRequests is what far ends ask: to be let go and to call somebody else. Each stands as a card on top, as a call does
// that rings: the person decides, and no key decides for them.
func presentRequests(s *phone.Snapshot) []incomingView {
	var list []incomingView
	for _, r := range s.TransferRequests {
		card := widgets.IncomingState{Asks: true, Title: requestTitle(r), Name: requestName(r),
			Decline: tr("action.decline"), Answer: tr("action.accept")}
		if number := oneLine(r.Target); number != card.Name {
			card.Number = number
		}
		by := shortName(requestBy(r))
		_, live := s.CallByID(r.Call)
		switch {
		case r.Attended:
			card.Note = tr("transfer.theyWait", "Target", shortName(card.Name))
		case live:
			card.Note = tr("transfer.theyKeep", "Name", by)
		default:
			card.Note = tr("transfer.theyLeft", "Name", by)
		}
		list = append(list, incomingView{id: r.Call, card: card})
	}
	return list
}

func requestTitle(r phone.TransferRequest) string {
	return tr("transfer.theyAsk", "Name", shortName(requestBy(r)))
}

// requestName is whom we are asked to call.
func requestName(r phone.TransferRequest) string {
	return partyName(phone.Party{Name: r.Name, Number: r.Target})
}

func requestBy(r phone.TransferRequest) string {
	if name := partyName(r.By); name != "" {
		return name
	}
	return tr("call.unknown")
}

// acceptCard answers a call, or follows a transfer.
func (a *App) acceptCard(in incomingView) {
	if !in.card.Asks {
		a.answer(in.id)
		return
	}
	a.async(func(ctx context.Context) error {
		_, err := a.op.AcceptTransfer(ctx, in.id)
		return err
	}, func(err error) {
		if !a.refuse(err) {
			a.showCall()
		}
	})
}

// declineCard refuses a call, or a transfer.
func (a *App) declineCard(in incomingView) {
	if in.card.Asks {
		a.refuse(a.op.DeclineTransfer(in.id))
		return
	}
	a.reject(in.id)
}
