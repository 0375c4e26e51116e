package main

import (
	"errors"
	"io"
	"log"
	"os"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"
)

const (
	soundEvery = 20 * time.Millisecond
	// Rounded up: what is left of a tick is cut off where the time stamps are made.
	videoEvery = time.Second/15 + time.Nanosecond
)

type cannedTrack struct {
	local         *webrtc.TrackLocalStaticSample
	frames        [][]byte
	every         time.Duration
	width, height uint32
	// How many frames it has sent, when it sends no more.
	sent chan int
}

func openTracks(config callerConfig) ([]*cannedTrack, error) {
	sound, err := openTrack(config.Sound, readSound, webrtc.MimeTypeOpus, "sound", soundEvery)
	if err != nil {
		return nil, err
	}
	video, err := openTrack(config.Video, readVideo, webrtc.MimeTypeVP8, "picture", videoEvery)
	if err != nil {
		return nil, err
	}
	return []*cannedTrack{sound, video}, nil
}

func openTrack(
	file string, read func(io.Reader, *cannedTrack) error, mimeType string, id string, every time.Duration,
) (*cannedTrack, error) {
	stream, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	local, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: mimeType}, id, "canned")
	if err != nil {
		return nil, err
	}
	track := &cannedTrack{local: local, every: every, sent: make(chan int, 1)}
	return track, read(stream, track)
}

func readVideo(stream io.Reader, track *cannedTrack) error {
	reader, header, err := ivfreader.NewWith(stream)
	if err != nil {
		return err
	}
	track.width, track.height = uint32(header.Width), uint32(header.Height)
	return collect(track, func() ([]byte, error) {
		frame, _, err := reader.ParseNextFrame()
		return frame, err
	})
}

func readSound(stream io.Reader, track *cannedTrack) error {
	reader, _, err := oggreader.NewWith(stream)
	if err != nil {
		return err
	}
	if _, _, err := reader.ParseNextPage(); err != nil { // The tags.
		return err
	}
	return collect(track, func() ([]byte, error) {
		packet, _, err := reader.ParseNextPage()
		return packet, err
	})
}

func collect(track *cannedTrack, next func() ([]byte, error)) error {
	for {
		frame, err := next()
		if errors.Is(err, io.EOF) && len(track.frames) > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		track.frames = append(track.frames, frame)
	}
}

func (track *cannedTrack) request() *livekit.AddTrackRequest {
	request := &livekit.AddTrackRequest{Cid: track.local.ID(), Name: track.local.ID(), DisableRed: true}
	if track.width == 0 {
		request.Type, request.Source = livekit.TrackType_AUDIO, livekit.TrackSource_MICROPHONE
		return request
	}
	request.Type, request.Source = livekit.TrackType_VIDEO, livekit.TrackSource_CAMERA
	request.Width, request.Height = track.width, track.height
	return request
}

// Sends a frame whenever it is due; late ones follow at once, so that none is left out.
func (track *cannedTrack) send(stopping <-chan struct{}) {
	due := time.Now()
	for count := 0; ; count++ {
		select {
		case <-stopping:
			track.sent <- count
			return
		case <-time.After(time.Until(due)):
		}
		frame := media.Sample{Data: track.frames[count%len(track.frames)], Duration: track.every}
		if err := track.local.WriteSample(frame); err != nil {
			log.Fatal(err)
		}
		due = due.Add(track.every)
	}
}
