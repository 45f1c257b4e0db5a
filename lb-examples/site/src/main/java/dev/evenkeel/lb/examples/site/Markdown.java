package dev.evenkeel.lb.examples.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Block;
import org.commonmark.node.Code;
import org.commonmark.node.CustomNode;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;

/**
 * A parsed page.
 *
 * @param document its tree
 * @param anchors its headings in order, and what links call them
 */
record Markdown(Node document, Map<Heading, String> anchors) {
    static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

    /** Reads a file. */
    static Markdown read(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    /** Parses a text. */
    static Markdown parse(String text) {
        Node document = PARSER.parse(text);
        Map<Heading, String> anchors = new LinkedHashMap<>();
        Map<String, Integer> uses = new HashMap<>();
        document.accept(new AbstractVisitor() {
            @Override
            public void visit(Heading heading) {
                String slug = slug(text(heading));
                int before = uses.merge(slug, 1, Integer::sum) - 1;
                anchors.put(heading, before == 0 ? slug : slug + "-" + before);
            }
        });
        return new Markdown(document, anchors);
    }

    /** As GitHub calls a heading. */
    private static String slug(String heading) {
        return heading.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_\\- ]", "")
                .replace(' ', '-');
    }

    /** The text of the first heading. */
    String title() {
        return anchors.keySet().stream().findFirst().map(Markdown::text).orElse("");
    }

    /** The text from one heading to the next, for the search. What stands before the first heading is left out. */
    List<Passage> passages() {
        List<Passage> passages = new ArrayList<>();
        Heading heading = null;
        StringBuilder text = new StringBuilder();
        for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
            if (node instanceof Heading next) {
                if (heading != null) {
                    passages.add(passage(heading, text));
                }
                heading = next;
                text.setLength(0);
            } else {
                text.append(' ').append(text(node));
            }
        }
        if (heading != null) {
            passages.add(passage(heading, text));
        }
        return passages;
    }

    private Passage passage(Heading heading, StringBuilder text) {
        return new Passage(
                text(heading),
                anchors.getOrDefault(heading, ""),
                text.toString().replaceAll("\\s+", " ").strip());
    }

    /**
     * What the search looks at.
     *
     * @param heading above it
     * @param anchor of the heading
     * @param text without marks
     */
    record Passage(String heading, String anchor, String text) {}

    /** The text of a node without marks and links; blocks and cells are apart by a space. */
    static String text(Node node) {
        StringBuilder text = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text literal) {
                text.append(literal.getLiteral());
            }

            @Override
            public void visit(Code code) {
                text.append(code.getLiteral());
            }

            @Override
            public void visit(SoftLineBreak lineBreak) {
                text.append(' ');
            }

            @Override
            public void visit(FencedCodeBlock block) {
                text.append(block.getLiteral());
            }

            @Override
            public void visit(IndentedCodeBlock block) {
                text.append(block.getLiteral());
            }

            @Override
            public void visit(CustomNode cell) {
                visitChildren(cell);
                text.append(' ');
            }

            @Override
            protected void visitChildren(Node parent) {
                super.visitChildren(parent);
                if (parent instanceof Block) {
                    text.append(' ');
                }
            }
        });
        return text.toString().strip();
    }
}
