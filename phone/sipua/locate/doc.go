// Package locate finds the SIP servers of a domain (RFC 3263) and reaches one of them.
//
//	Request: host, port, transport, sips?
//	   |
//	   |-- a numeric address ------------------------------------------+
//	   |-- a port, or a name of one label --------------+              |
//	   |-- a transport -----------------+               |              |
//	   v                                v               v              v
//	 NAPTR --order, preference--> SRV (RFC 2782) --> AAAA and A --> []Target
//	   |                                ^     |         ^              |
//	   +-- none: TLS, TCP, UDP ---------+     +--none---+         Rotation: who failed lately goes last
//	                                                                   |
//	   cache <--> name servers, or the system's resolver            Dialer: RFC 8305, the first answer wins
//	                                                                   v
//	                                                               net.Conn
//
// What comes from the network is hostile: answers are matched to their question, bounded in number and length, and
// neither loops nor garbage do more than waste their sender's time. A target's Name, against which its certificate is
// verified, is always what the user typed and never what a DNS answer said (RFC 5922 §7.1, RFC 3263 §8). Where the server was
// named apart from the domain, by number perhaps, a certificate for the domain does as well.
//
// Of WebSockets only the addresses are found here: RFC 7118 §6 leaves the rest to their URL.
package locate
