package dev.evenkeel.lb.examples.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.examples.common.BarChart.Bar;
import dev.evenkeel.lb.examples.common.LineChart.Curve;
import dev.evenkeel.lb.examples.common.LineChart.Point;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ChartsTest {

    @Test
    void bars_haveNameNumberSpreadAndAxis() throws Exception {
        String svg = new BarChart("title & more", "description")
                .block(
                        "head",
                        "× Evenkeel",
                        "note",
                        Scale.upTo(2),
                        List.of(
                                new Bar("ours", "Evenkeel", 1, "1.00"),
                                new Bar("peer", "HAProxy", 2, 1.5, 3, "2.00", "slow"),
                                new Bar("peer", "absent", Double.NaN, "–")))
                .svg();

        Document drawing = parsed(svg);
        assertThat(drawing.getDocumentElement().getAttribute("role")).isEqualTo("img");
        assertThat(texts(drawing, "title")).containsExactly("title & more");
        assertThat(texts(drawing, "desc")).containsExactly("description");
        assertThat(texts(drawing, "text"))
                .contains("head", "× Evenkeel", "note", "Evenkeel", "1.00", "HAProxy", "2.00", "slow", "absent", "–")
                .contains("0", "0.5", "1", "1.5", "2");
        assertThat(drawing.getElementsByTagName("rect").getLength()).isEqualTo(2);
        double ours = width(drawing, 0);
        assertThat(width(drawing, 1)).isEqualTo(2 * ours);
        assertThat(drawing.getElementsByTagName("path").getLength()).isOne();
        assertThat(svg).contains("prefers-color-scheme: dark");
    }

    @Test
    void curves_haveNamesThatDoNotCoverEachOther() throws Exception {
        String svg = new LineChart("title", "description", "backends")
                .panel(
                        "head",
                        "ns",
                        List.of(
                                new Curve("ours", "one", List.of(new Point(3, 5), new Point(1_000, 5.1))),
                                new Curve("peer", "two", List.of(new Point(3, 6), new Point(1_000, 5)))))
                .svg();

        Document drawing = parsed(svg);
        assertThat(texts(drawing, "text")).contains("head", "backends", "ns", "one", "two", "1", "10", "3", "1,000");
        assertThat(drawing.getElementsByTagName("path").getLength()).isEqualTo(2);
        assertThat(drawing.getElementsByTagName("circle").getLength()).isEqualTo(4);
        assertThat(Math.abs(y(drawing, "one") - y(drawing, "two"))).isGreaterThanOrEqualTo(14);
    }

    @Test
    void scale_logarithmic_hasTicksAtPowersOfTen() {
        assertThat(Scale.decades(4, 300).ticks()).containsExactly(1.0, 10.0, 100.0, 1_000.0);
        assertThat(new Scale(30, 1_000, true).ticks()).containsExactly(30.0, 100.0, 1_000.0);
        assertThat(new Scale(30, 1_000, true).share(5_000)).isOne();
        assertThatThrownBy(() -> new Scale(0, 10, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a scale must rise, a logarithmic one from above 0: 0.0..10.0");
    }

    @Test
    void number_atAnAxis_isShort() {
        assertThat(Scale.label(0.01)).isEqualTo("0.01");
        assertThat(Scale.label(2.5)).isEqualTo("2.5");
        assertThat(Scale.label(0)).isEqualTo("0");
        assertThat(Scale.label(100_000)).isEqualTo("100,000");
    }

    @Test
    void scale_linear_hasAFewRoundTicks() {
        assertThat(Scale.upTo(95).ticks()).containsExactly(0.0, 20.0, 40.0, 60.0, 80.0);
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> elements(Document drawing, String name) {
        return IntStream.range(0, drawing.getElementsByTagName(name).getLength())
                .mapToObj(i -> (Element) drawing.getElementsByTagName(name).item(i))
                .toList();
    }

    private static List<String> texts(Document drawing, String name) {
        return elements(drawing, name).stream().map(Element::getTextContent).toList();
    }

    private static double width(Document drawing, int bar) {
        return Double.parseDouble(elements(drawing, "rect").get(bar).getAttribute("width"));
    }

    private static double y(Document drawing, String text) {
        return elements(drawing, "text").stream()
                .filter(element -> element.getTextContent().equals(text))
                .mapToDouble(element -> Double.parseDouble(element.getAttribute("y")))
                .findFirst()
                .orElseThrow();
    }
}
