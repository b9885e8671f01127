// Asks BuildKit's own front end what a Dockerfile's target is built from: the expected results of tests/cases/dockerfiles.
//
// A request per line on standard input, an answer per line on standard output, both JSON. Nothing is fetched: every image is said to
// be there, with one layer.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"sort"
	"strings"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	gateway_pb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	fstypes "github.com/tonistiigi/fsutil/types"
)

type request struct {
	Text          string              `json:"text"`
	Target        string              `json:"target"`
	Args          map[string]string   `json:"args"`
	Platform      string              `json:"platform"`
	BuildPlatform string              `json:"build_platform"`
	Contexts      map[string]string   `json:"contexts"`
	Onbuild       map[string][]string `json:"onbuild"`
}

type image struct {
	Reference string `json:"reference"`
	Platform  string `json:"platform"`
}

type answer struct {
	Images []image `json:"images"`
	Error  string  `json:"error,omitempty"`
	Line   int     `json:"line,omitempty"`
}

// gateway is a BuildKit daemon in which every image is there and no file is.
type gateway struct {
	client.Client
	opts    map[string]string
	onbuild map[string][]string
}

type noFiles struct{ client.Reference }

func (noFiles) ReadFile(context.Context, client.ReadRequest) ([]byte, error) {
	return nil, errors.New("no such file")
}

func (noFiles) StatFile(context.Context, client.StatRequest) (*fstypes.Stat, error) {
	return nil, errors.New("no such file")
}

func (g gateway) BuildOpts() client.BuildOpts {
	return client.BuildOpts{Opts: g.opts, SessionID: "cases", LLBCaps: pb.Caps.CapSet(pb.Caps.All()), Caps: gateway_pb.Caps.CapSet(gateway_pb.Caps.All())}
}

func (g gateway) Inputs(context.Context) (map[string]llb.State, error) {
	return nil, nil
}

func (g gateway) Solve(context.Context, client.SolveRequest) (*client.Result, error) {
	result := client.NewResult()
	result.SetRef(noFiles{})
	return result, nil
}

func (g gateway) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	p := platforms.DefaultSpec()
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		p = *opt.ImageOpt.Platform
	}
	config := map[string]any{
		"os": p.OS, "architecture": p.Architecture, "variant": p.Variant,
		"config": map[string]any{"OnBuild": g.onbuild[ref]},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + strings.Repeat("0", 64)}},
	}
	data, err := json.Marshal(config)
	return ref, "", data, err
}

func ask(r request) (answer, error) {
	target, err := platforms.Parse(r.Platform)
	if err != nil {
		return answer{}, err
	}
	build, err := platforms.Parse(r.BuildPlatform)
	if err != nil {
		return answer{}, err
	}
	opts := map[string]string{}
	for name, value := range r.Contexts {
		opts["context:"+name] = value
	}
	g := gateway{opts: opts, onbuild: r.Onbuild}
	ui, err := dockerui.NewClient(g)
	if err != nil {
		return answer{}, err
	}
	opt := dockerfile2llb.ConvertOpt{Client: ui, MetaResolver: g, TargetPlatform: &target}
	opt.Target, opt.BuildArgs = r.Target, r.Args
	opt.BuildPlatforms = []ocispecs.Platform{build}
	result, err := dockerfile2llb.Dockerfile2LLB(context.TODO(), []byte(r.Text), opt)
	if err != nil {
		return answer{Error: err.Error(), Line: line(err)}, nil
	}
	definition, err := result.State.Marshal(context.TODO(), llb.Platform(target))
	if err != nil {
		return answer{}, err
	}
	found := answer{Images: []image{}}
	for _, data := range definition.Def {
		var op pb.Op
		if err := op.UnmarshalVT(data); err != nil {
			return answer{}, err
		}
		if source := op.GetSource(); source != nil && strings.HasPrefix(source.Identifier, "docker-image://") {
			p := ocispecs.Platform{OS: op.Platform.OS, Architecture: op.Platform.Architecture, Variant: op.Platform.Variant}
			found.Images = append(found.Images, image{strings.TrimPrefix(source.Identifier, "docker-image://"), platforms.Format(platforms.Normalize(p))})
		}
	}
	sort.Slice(found.Images, func(i, j int) bool {
		a, b := found.Images[i], found.Images[j]
		return a.Reference+" "+a.Platform < b.Reference+" "+b.Platform
	})
	return found, nil
}

func line(err error) int {
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		return located.Locations[0][0].Start.Line
	}
	return 0
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 64<<20)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		var r request
		if err := json.Unmarshal(input.Bytes(), &r); err != nil {
			panic(err)
		}
		found, err := ask(r)
		if err != nil {
			found = answer{Error: err.Error()}
		}
		if err := output.Encode(found); err != nil {
			panic(err)
		}
	}
}
