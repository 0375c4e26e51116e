package main

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
)

const joinLimit = 20 * time.Second

// A participant who sends a picture and sound.
type caller struct {
	identity string
	stopping chan struct{}
	tracks   []*cannedTrack
}

func join(config callerConfig) (*caller, error) {
	tracks, err := openTracks(config)
	if err != nil {
		return nil, err
	}
	api := newAPI()
	publisher, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	connected := make(chan struct{})
	var once sync.Once
	publisher.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(connected) })
		}
	})
	signals, identity, err := openSignalling(config, api, publisher)
	if err != nil {
		return nil, err
	}
	for _, track := range tracks {
		if _, err := publisher.AddTrack(track.local); err != nil {
			return nil, err
		}
		if err := signals.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: track.request()}}); err != nil {
			return nil, err
		}
	}
	if err := signals.offer(); err != nil {
		return nil, err
	}
	select {
	case <-connected:
	case <-time.After(joinLimit):
		return nil, errors.New("its media does not connect")
	}
	joined := &caller{identity: identity, stopping: make(chan struct{}), tracks: tracks}
	for _, track := range tracks {
		go track.send(joined.stopping)
	}
	return joined, nil
}

// Sends nothing more, and tells how much it was.
func (caller *caller) stop() []sentTrack {
	close(caller.stopping)
	sent := []sentTrack{}
	for _, track := range caller.tracks {
		sent = append(sent, sentTrack{caller.identity, track.local.Kind().String(), <-track.sent})
	}
	return sent
}

// All on loopback, as the machine's other addresses are of no use to a benchmark.
func newAPI() *webrtc.API {
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIPFilter(func(address net.IP) bool { return address.IsLoopback() })
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings))
}
