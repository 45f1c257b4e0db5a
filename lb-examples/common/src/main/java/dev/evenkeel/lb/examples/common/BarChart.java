package dev.evenkeel.lb.examples.common;

import java.util.ArrayList;
import java.util.List;

/** Blocks of horizontal bars, each bar with its name, its number and perhaps its spread and a note. */
public final class BarChart {
    private static final int BARS = 330;
    private static final int RIGHT = 130;
    private static final int ROW = 18;
    /** Above the bars what they are about and what they are, below them the axis and room. */
    private static final int EXTRA_ROWS = 4;

    private static final int CHARACTER = 7;

    /**
     * One bar.
     *
     * @param kind its colour, as in {@link Svg}
     * @param name on its left
     * @param number how long it is; NaN for none
     * @param least where its spread begins; NaN for none
     * @param largest where its spread ends
     * @param shown its number in words
     * @param note at the right edge; may be empty
     */
    public record Bar(
            String kind, String name, double number, double least, double largest, String shown, String note) {
        /**
         * A bar without spread and note.
         *
         * @param kind its colour, as in {@link Svg}
         * @param name on its left
         * @param number how long it is
         * @param shown its number in words
         */
        public Bar(String kind, String name, double number, String shown) {
            this(kind, name, number, Double.NaN, Double.NaN, shown, "");
        }
    }

    private record Block(String head, String axis, String notes, Scale scale, List<Bar> bars) {}

    private final String title;
    private final String description;
    private final List<Block> blocks = new ArrayList<>();

    /**
     * A chart without blocks.
     *
     * @param title that is read out first
     * @param description that is read out then
     */
    public BarChart(String title, String description) {
        this.title = title;
        this.description = description;
    }

    /**
     * Adds a block.
     *
     * @param head what it is about
     * @param axis what the bars' length is, with the unit
     * @param notes what the notes are; may be empty
     * @param scale of the bars
     * @param bars from above
     * @return this
     */
    public BarChart block(String head, String axis, String notes, Scale scale, List<Bar> bars) {
        blocks.add(new Block(head, axis, notes, scale, List.copyOf(bars)));
        return this;
    }

    /**
     * Draws it.
     *
     * @return an SVG
     */
    public String svg() {
        int names = 12
                + CHARACTER
                        * blocks.stream()
                                .flatMap(block -> block.bars.stream())
                                .mapToInt(bar -> bar.name.length())
                                .max()
                                .orElse(0);
        int rows = blocks.stream()
                .mapToInt(block -> block.bars.size() + EXTRA_ROWS)
                .sum();
        Svg svg = new Svg(names + BARS + RIGHT, rows * ROW, title, description);
        int top = 0;
        for (Block block : blocks) {
            draw(svg, block, names, top);
            top += (block.bars.size() + EXTRA_ROWS) * ROW;
        }
        return svg.end();
    }

    private void draw(Svg svg, Block block, int names, int top) {
        int right = names + BARS + RIGHT - 4;
        int first = top + 2 * ROW + 6;
        int bottom = first + block.bars.size() * ROW;
        svg.text("head", "start", 4, top + ROW, block.head);
        svg.text("faint", "start", names, top + 2 * ROW, block.axis);
        svg.text("faint", "end", right, top + 2 * ROW, block.notes);
        for (double number : block.scale.ticks()) {
            double x = names + BARS * block.scale.share(number);
            svg.rule(x, first, x, bottom);
            svg.text("faint", "middle", x, bottom + 12, Scale.label(number));
        }
        int y = first;
        for (Bar bar : block.bars) {
            draw(svg, bar, block.scale, names, y);
            svg.text("faint", "end", right, y + 13, bar.note);
            y += ROW;
        }
    }

    private static void draw(Svg svg, Bar bar, Scale scale, int left, int y) {
        svg.text("", "end", left - 6, y + 13, bar.name);
        if (Double.isNaN(bar.number)) {
            svg.text("faint", "start", left + 5, y + 13, bar.shown);
            return;
        }
        double end = left + BARS * scale.share(bar.number);
        svg.bar(bar.kind, left, y + 3, end - left, ROW - 6);
        if (!Double.isNaN(bar.least)) {
            double from = left + BARS * scale.share(bar.least);
            end = Math.max(end, left + BARS * scale.share(bar.largest));
            svg.spread(from, y + ROW / 2.0, left + BARS * scale.share(bar.largest));
        }
        svg.text("faint", "start", end + 5, y + 13, bar.shown);
    }
}
