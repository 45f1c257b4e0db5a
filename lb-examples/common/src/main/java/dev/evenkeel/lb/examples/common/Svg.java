package dev.evenkeel.lb.examples.common;

import java.util.Locale;

/**
 * A drawing that can be read on light and dark grounds, and by those who listen. What is drawn has a kind, which gives it its
 * colour: {@code reference}, {@code ours}, {@code default}, {@code guarded}, {@code peer}, {@code other}; text also {@code head} and {@code faint}.
 */
public final class Svg {

    private final StringBuilder text = new StringBuilder();

    /**
     * An empty drawing.
     *
     * @param width in pixels
     * @param height in pixels
     * @param title that is read out first
     * @param description that is read out then
     */
    public Svg(int width, int height, String title, String description) {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\""
                        + " aria-labelledby=\"title description\">",
                width, height, width, height);
        add("<title id=\"title\">%s</title>", escaped(title));
        add("<desc id=\"description\">%s</desc>", escaped(description));
        add("<style>");
        add("text { font: 12px system-ui, sans-serif; fill: #1f2328; }");
        add(".head { font-weight: 600; }");
        add(".faint { fill: #59636e; }");
        add(".rule { stroke: #d1d9e0; stroke-width: 1; }");
        add(".reference { fill: #8c959f; stroke: #8c959f; }");
        add(".ours { fill: #0969da; stroke: #0969da; }");
        add(".default { fill: #1a7f37; stroke: #1a7f37; }");
        add(".guarded { fill: #9a6700; stroke: #9a6700; }");
        add(".peer { fill: #8250df; stroke: #8250df; }");
        add(".other { fill: #bc4c00; stroke: #bc4c00; }");
        add(".spread { stroke: #1f2328; stroke-width: 1.5; }");
        add("path { fill: none !important; stroke-width: 2; }");
        add("rect { stroke: none; }");
        add("text.reference, text.ours, text.default, text.guarded, text.peer, text.other { stroke: none; }");
        add("@media (prefers-color-scheme: dark) {");
        add("text { fill: #f0f6fc; } .faint { fill: #9198a1; } .rule { stroke: #3d444d; }");
        add(".reference { fill: #9198a1; stroke: #9198a1; } .ours { fill: #4493f8; stroke: #4493f8; }");
        add(".default { fill: #3fb950; stroke: #3fb950; } .guarded { fill: #d29922; stroke: #d29922; }");
        add(".peer { fill: #ab7df8; stroke: #ab7df8; } .other { fill: #f0883e; stroke: #f0883e; }");
        add(".spread { stroke: #f0f6fc; }");
        add("}");
        add("</style>");
    }

    /**
     * Writes.
     *
     * @param kind its colour and weight; empty for plain text
     * @param anchor {@code start}, {@code middle} or {@code end}: what of the words is at the place
     * @param x of the place
     * @param y of the line that the words stand on
     * @param words not escaped
     */
    public void text(String kind, String anchor, double x, double y, String words) {
        add(
                "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
                kind, anchor, x, y, escaped(words));
    }

    /**
     * Draws a bar.
     *
     * @param kind its colour
     * @param x of its left edge
     * @param y of its upper edge
     * @param width of it
     * @param height of it
     */
    public void bar(String kind, double x, double y, double width, double height) {
        add("<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", kind, x, y, width, height);
    }

    /**
     * Draws a thin line.
     *
     * @param x1 of one end
     * @param y1 of one end
     * @param x2 of the other
     * @param y2 of the other
     */
    public void rule(double x1, double y1, double x2, double y2) {
        add("<line class=\"rule\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", x1, y1, x2, y2);
    }

    /** From the least to the largest of what a number came to. */
    void spread(double x1, double y, double x2) {
        add(
                "<path class=\"spread\" d=\"M%.1f %.1f H%.1f M%.1f %.1f v6 M%.1f %.1f v6\"/>",
                x1, y, x2, x1, y - 3, x2, y - 3);
    }

    void dot(String kind, double x, double y) {
        add("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", kind, x, y);
    }

    /**
     * Draws a curve.
     *
     * @param kind its colour
     * @param points as in {@code 1 2 L 3 4}
     */
    public void curve(String kind, String points) {
        add("<path class=\"%s\" d=\"M%s\"/>", kind, points);
    }

    /**
     * Ends the drawing.
     *
     * @return all of it
     */
    public String end() {
        add("</svg>");
        return text.toString();
    }

    private void add(String format, Object... values) {
        text.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
                .append('\n');
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
