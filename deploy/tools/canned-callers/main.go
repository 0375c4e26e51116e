// Callers whose pictures and sound were encoded beforehand, so that many fit on the machine that takes them.
//
// The first line of the standard input tells who joins what, in JSON. When all are in and send, "joined" is written. At the
// second line they stop sending, and what each has sent is written, in JSON. At the end of the input they leave.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sync"
)

type callerConfig struct {
	URL   string `json:"url"`
	Token string `json:"token"`
	// An IVF file of VP8 and an Ogg file of Opus with a packet a page, each sent over and over.
	Video string `json:"video"`
	Sound string `json:"sound"`
}

type sentTrack struct {
	Identity string `json:"identity"`
	Kind     string `json:"kind"`
	Frames   int    `json:"frames"`
}

// As many join at the same time.
const joiningAtOnce = 4

func main() {
	log.SetFlags(0)
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	if err != nil {
		log.Fatal("the first line tells who joins: ", err)
	}
	var configs []callerConfig
	if err := json.Unmarshal(line, &configs); err != nil {
		log.Fatal(err)
	}
	callers := joinAll(configs)
	fmt.Println("joined")
	if _, err := input.ReadBytes('\n'); err != nil {
		return
	}
	sent := []sentTrack{}
	for _, caller := range callers {
		sent = append(sent, caller.stop()...)
	}
	if err := json.NewEncoder(os.Stdout).Encode(sent); err != nil {
		log.Fatal(err)
	}
	_, _ = input.ReadBytes('\n')
}

func joinAll(configs []callerConfig) []*caller {
	callers := make([]*caller, len(configs))
	places := make(chan struct{}, joiningAtOnce)
	var joining sync.WaitGroup
	for index, config := range configs {
		joining.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			joined, err := join(config)
			if err != nil {
				log.Fatal("caller ", index, " does not get in: ", err)
			}
			callers[index] = joined
		})
	}
	joining.Wait()
	return callers
}
