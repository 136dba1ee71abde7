// A room on Go's net/http, by hand: what a small server costs. No log, no ids, no heartbeat; a reader that is slow holds up
// its room. The data of an event stands in the JSON of its publish.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
)

type room struct {
	mutex   sync.Mutex
	readers map[chan []byte]struct{}
}

func (r *room) subscribe(w http.ResponseWriter, request *http.Request) {
	flusher := w.(http.Flusher)
	events := make(chan []byte, 16)
	r.mutex.Lock()
	r.readers[events] = struct{}{}
	r.mutex.Unlock()
	defer func() {
		r.mutex.Lock()
		delete(r.readers, events)
		r.mutex.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	fmt.Fprint(w, ": welcome\n\n")
	flusher.Flush()
	for {
		select {
		case <-request.Context().Done():
			return
		case event := <-events:
			w.Write(event)
			// What has come meanwhile goes out with it.
			for more := true; more; {
				select {
				case event := <-events:
					w.Write(event)
				default:
					more = false
				}
			}
			flusher.Flush()
		}
	}
}

func (r *room) publish(w http.ResponseWriter, request *http.Request) {
	var body struct {
		Data string `json:"data"`
	}
	if err := json.NewDecoder(request.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	event := []byte("data: " + body.Data + "\n\n")
	r.mutex.Lock()
	for events := range r.readers {
		events <- event
	}
	r.mutex.Unlock()
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, "{}")
}

func main() {
	r := &room{readers: map[chan []byte]struct{}{}}
	http.HandleFunc("/rooms/lobby/events", func(w http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodPost {
			r.publish(w, request)
		} else {
			r.subscribe(w, request)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
