package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"
)

// The version of LiveKit's signalling that is spoken here.
const protocolVersion = 15

// What a caller and LiveKit tell each other. LiveKit offers a second connection for what a caller receives; it is taken, as
// who has none is not in the call, and nothing is received over it.
type signalling struct {
	socket     *websocket.Conn
	writing    sync.Mutex
	publisher  *webrtc.PeerConnection
	subscriber *webrtc.PeerConnection
	// Candidates that came before what they belong to.
	early map[*webrtc.PeerConnection][]webrtc.ICECandidateInit
}

func openSignalling(config callerConfig, api *webrtc.API, publisher *webrtc.PeerConnection) (*signalling, string, error) {
	subscriber, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, "", err
	}
	query := url.Values{
		"access_token":   {config.Token},
		"protocol":       {fmt.Sprint(protocolVersion)},
		"sdk":            {"go"},
		"auto_subscribe": {"0"},
	}
	address := "ws" + strings.TrimPrefix(strings.TrimPrefix(config.URL, "http"), "ws") + "/rtc?" + query.Encode()
	socket, _, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		return nil, "", err
	}
	signals := &signalling{
		socket: socket, publisher: publisher, subscriber: subscriber,
		early: map[*webrtc.PeerConnection][]webrtc.ICECandidateInit{},
	}
	first, err := signals.receive()
	if err != nil {
		return nil, "", err
	}
	join := first.GetJoin()
	if join == nil {
		return nil, "", fmt.Errorf("it is answered with %T", first.GetMessage())
	}
	go signals.listen()
	go signals.ping(time.Duration(join.GetPingInterval()) * time.Second)
	return signals, join.GetParticipant().GetIdentity(), nil
}

func (signals *signalling) send(request *livekit.SignalRequest) error {
	message, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	signals.writing.Lock()
	defer signals.writing.Unlock()
	return signals.socket.WriteMessage(websocket.BinaryMessage, message)
}

func (signals *signalling) receive() (*livekit.SignalResponse, error) {
	_, message, err := signals.socket.ReadMessage()
	if err != nil {
		return nil, err
	}
	response := &livekit.SignalResponse{}
	return response, proto.Unmarshal(message, response)
}

// Offers what is sent, with all addresses.
func (signals *signalling) offer() error {
	offer, err := signals.publisher.CreateOffer(nil)
	if err != nil {
		return err
	}
	described, err := describe(signals.publisher, offer)
	if err != nil {
		return err
	}
	return signals.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Offer{Offer: described}})
}

// A call that a caller falls out of proves nothing, so that is the end of all.
func (signals *signalling) listen() {
	for {
		response, err := signals.receive()
		if err == nil {
			err = signals.handle(response)
		}
		if err != nil {
			log.Fatal("a caller lost its signalling: ", err)
		}
	}
}

func (signals *signalling) handle(response *livekit.SignalResponse) error {
	switch message := response.GetMessage().(type) {
	case *livekit.SignalResponse_Answer:
		return signals.accept(signals.publisher, webrtc.SDPTypeAnswer, message.Answer.GetSdp())
	case *livekit.SignalResponse_Offer:
		if err := signals.accept(signals.subscriber, webrtc.SDPTypeOffer, message.Offer.GetSdp()); err != nil {
			return err
		}
		answer, err := signals.subscriber.CreateAnswer(nil)
		if err != nil {
			return err
		}
		described, err := describe(signals.subscriber, answer)
		if err != nil {
			return err
		}
		return signals.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Answer{Answer: described}})
	case *livekit.SignalResponse_Trickle:
		connection := signals.publisher
		if message.Trickle.GetTarget() == livekit.SignalTarget_SUBSCRIBER {
			connection = signals.subscriber
		}
		var candidate webrtc.ICECandidateInit
		if err := json.Unmarshal([]byte(message.Trickle.GetCandidateInit()), &candidate); err != nil {
			return err
		}
		if connection.RemoteDescription() == nil {
			signals.early[connection] = append(signals.early[connection], candidate)
			return nil
		}
		return connection.AddICECandidate(candidate)
	case *livekit.SignalResponse_Leave:
		return fmt.Errorf("LiveKit sends it away: %v", message.Leave.GetReason())
	}
	return nil
}

func (signals *signalling) accept(connection *webrtc.PeerConnection, kind webrtc.SDPType, sdp string) error {
	if err := connection.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: sdp}); err != nil {
		return err
	}
	for _, candidate := range signals.early[connection] {
		if err := connection.AddICECandidate(candidate); err != nil {
			return err
		}
	}
	delete(signals.early, connection)
	return nil
}

// LiveKit takes who does not say that it is there for gone.
func (signals *signalling) ping(every time.Duration) {
	for now := range time.Tick(every) {
		ping := &livekit.SignalRequest_PingReq{PingReq: &livekit.Ping{Timestamp: now.UnixMilli()}}
		if err := signals.send(&livekit.SignalRequest{Message: ping}); err != nil {
			return
		}
	}
}

func describe(connection *webrtc.PeerConnection, description webrtc.SessionDescription) (*livekit.SessionDescription, error) {
	gathered := webrtc.GatheringCompletePromise(connection)
	if err := connection.SetLocalDescription(description); err != nil {
		return nil, err
	}
	<-gathered
	local := connection.LocalDescription()
	return &livekit.SessionDescription{Type: local.Type.String(), Sdp: local.SDP}, nil
}
