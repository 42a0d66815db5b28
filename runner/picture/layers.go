package picture

import (
	"fmt"
	"slices"
)

// segment is layers that the same images share, and what stands on top of them.
type segment struct {
	layers []layer
	ends   []image // the images whose topmost layer is here
	above  []*segment
	// shared is how many images, drawn or not, have these layers.
	shared int
}

// columns is how many images stand on a segment.
func (s *segment) columns() int {
	n := len(s.ends)
	for _, a := range s.above {
		n += a.columns()
	}
	return n
}

// forest joins images where they share layers, from the base up.
func forest(images []image, shared map[string]int) *segment {
	root := &segment{}
	for _, img := range images {
		at := root
		for _, l := range img.layers {
			i := slices.IndexFunc(at.above, func(s *segment) bool { return s.layers[0].key == l.key })
			if i < 0 {
				i = len(at.above)
				at.above = append(at.above, &segment{layers: []layer{l}, shared: shared[l.key]})
			}
			at = at.above[i]
		}
		at.ends = append(at.ends, img)
	}
	for _, s := range root.above {
		s.join()
	}
	return root
}

// join makes one segment of those above one another that the same images share.
func (s *segment) join() {
	for len(s.ends) == 0 && len(s.above) == 1 && s.above[0].shared == s.shared {
		next := s.above[0]
		s.layers, s.ends, s.above = append(s.layers, next.layers...), next.ends, next.above
	}
	for _, a := range s.above {
		a.join()
	}
}

const (
	layerColumn    = 26 // the least width of an image's stack
	layerColumnMax = 52
	mostLayers     = 40 // of a segment, before the rest is summed up
)

func (p *painter) drawLayers() []Row {
	all := p.images()
	if len(all) == 0 {
		return p.wrapped(0, 3, Text, p.Words.NoImages)
	}
	shared := map[string]int{}
	for _, img := range all {
		if img.mark == Gone {
			continue
		}
		for _, l := range img.layers {
			shared[l.key]++
		}
	}
	if p.Width >= listBelow {
		if rows := p.layerStacks(all, shared); rows != nil {
			return rows
		}
	}
	var blocks []block
	for i, img := range all {
		blocks = append(blocks, block{p.layerList(all[:i], img), 1})
	}
	return p.stack(blocks, p.Height)
}

// layerStacks draws as many images beside one another as fit, nil where not even the first does.
func (p *painter) layerStacks(all []image, shared map[string]int) []Row {
	columns := min(len(all), (p.Width+1)/(layerColumn+1))
	width := min(layerColumnMax, (p.Width-columns+1)/columns)
	tree := forest(all[:columns], shared)
	height := p.Height
	var foot []Row
	if rest := len(all) - columns; rest > 0 {
		foot = []Row{{p.span(Faint, fmt.Sprintf(p.Words.MoreImagesF, rest))}}
		height--
	}
	for most := min(mostLayers, height); most > 0; most-- {
		rows := p.segment(tree, width, most)
		if len(rows) <= height {
			return append(rows, foot...)
		}
	}
	return nil
}

// segment draws a segment with what stands on it; at most so many of its layers one by one.
func (p *painter) segment(s *segment, width, most int) []Row {
	var strips []strip
	for _, img := range s.ends {
		strips = append(strips, strip{p.imageHead(img, width), width})
	}
	for _, a := range s.above {
		n := a.columns()
		strips = append(strips, strip{p.segment(a, width, most), n*width + n - 1})
	}
	rows := beside(strips, 1, true)
	if len(s.layers) == 0 {
		return rows
	}
	n := s.columns()
	w := n*width + n - 1
	var title Row
	if s.shared > 1 {
		title = Row{p.span(Text, fmt.Sprintf(p.Words.SharedF, s.shared))}
	}
	mark := s.layers[0].mark
	for _, l := range s.layers {
		if l.mark != mark {
			mark = Still
		}
	}
	return append(rows, box(title, p.layerRows(s.layers, w-4, most), w, mark)...)
}

// layerRows are the layers, topmost first; the lowest ones are summed up where there are more than most.
func (p *painter) layerRows(layers []layer, width, most int) []Row {
	var rows []Row
	for i, l := range slices.Backward(layers) {
		if len(rows) == most-1 && i > 0 {
			total, known := int64(0), true
			for _, l := range layers[:i+1] {
				total, known = total+l.size, known && l.size >= 0
			}
			size := ""
			if known {
				size = bytes(total)
			}
			return append(rows, ends(p.span(Faint, fmt.Sprintf(p.Words.MoreLayersF, i+1)), p.span(Faint, size), width))
		}
		rows = append(rows, p.layerRow(l, width))
	}
	return rows
}

func (p *painter) layerRow(l layer, width int) Row {
	by, size := l.by, "?"
	if by == "" {
		by = p.Words.NoHistory
	}
	if l.size >= 0 {
		size = bytes(l.size)
	}
	return ends(marked(Text, l.mark, by), marked(Faint, l.mark, size), width)
}

// ends puts two spans at the ends of width columns; the first is cut where they do not both fit.
func ends(left, right Span, columns int) Row {
	room := columns - cells(right.Text) - 1
	if room < 4 {
		return Row{left}.pad(columns)
	}
	return append(Row{left}.pad(room), Span{Text: " "}, right)
}

// imageHead is what stands above an image's layers: its name, and the layer into which its containers write.
func (p *painter) imageHead(img image, width int) []Row {
	rows := []Row{ends(marked(Title, img.mark, img.name), marked(Faint, img.mark, bytes(img.size)), width)}
	if len(img.writers) == 0 {
		return rows
	}
	const most = 3
	var inside []Row
	for i, w := range img.writers {
		if i == most-1 && len(img.writers) > most {
			inside = append(inside, Row{p.span(Faint, fmt.Sprintf(p.Words.MoreF, len(img.writers)-i))})
			break
		}
		inside = append(inside, Row{marked(Text, w.mark, w.name)})
	}
	return append(rows, box(Row{p.span(Text, p.Words.Writable)}, inside, width, Still)...)
}

// layerList is one image as a list; of layers that an image above it has, it says only that.
func (p *painter) layerList(before []image, img image) []Row {
	rows := []Row{ends(marked(Title, img.mark, img.name), marked(Faint, img.mark, bytes(img.size)), p.Width)}
	for i, w := range img.writers {
		if i == 2 && len(img.writers) > 3 {
			rows = append(rows, Row{p.span(Faint, "  "+fmt.Sprintf(p.Words.MoreF, len(img.writers)-i))})
			break
		}
		rows = append(rows, Row{p.span(Faint, "  "+p.Words.Writable+" "), marked(Text, w.mark, w.name)})
	}
	own, with := img.layers, ""
	for _, other := range before {
		n := 0
		for n < min(len(img.layers), len(other.layers)) && img.layers[n].key == other.layers[n].key {
			n++
		}
		if rest := img.layers[n:]; n > 0 && len(rest) < len(own) {
			own, with = rest, other.name
		}
	}
	most := max(2, p.Height/2)
	for _, r := range p.layerRows(own, p.Width-2, most) {
		rows = append(rows, append(Row{{Text: "  "}}, r...))
	}
	if n := len(img.layers) - len(own); n > 0 {
		rows = append(rows, Row{p.span(Faint, "  "+fmt.Sprintf(p.Words.SharedWithF, n, with))})
	}
	return rows
}
