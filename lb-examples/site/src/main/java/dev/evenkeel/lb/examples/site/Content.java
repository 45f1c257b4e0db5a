package dev.evenkeel.lb.examples.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * The text of a page as HTML.
 *
 * @param html the text
 * @param images files that it shows, from the root of the repository
 * @param hasDiagram whether it has one of Mermaid's
 */
record Content(String html, Set<String> images, boolean hasDiagram) {
    Content {
        images = Set.copyOf(images);
    }

    /**
     * Renders a page, and changes its tree.
     *
     * @param source the page, from the root of the repository
     * @param page its tree
     * @param links where its links lead
     */
    static Content of(String source, Markdown page, RepositoryLinks links) throws IOException {
        Rewriting rewriting = new Rewriting(source, links);
        try {
            page.document().accept(rewriting);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        String html = HtmlRenderer.builder()
                .extensions(Markdown.EXTENSIONS)
                .attributeProviderFactory(context -> (node, tag, attributes) -> mark(page, node, tag, attributes))
                .build()
                .render(page.document())
                // A cell without text heads nothing.
                .replaceAll("<th[^>]*></th>", "<td></td>");
        return new Content(html, rewriting.images, rewriting.hasDiagram);
    }

    private static void mark(Markdown page, Node node, String tag, Map<String, String> attributes) {
        if (node instanceof Heading heading) {
            attributes.put("id", page.anchors().getOrDefault(heading, ""));
        } else if (node instanceof FencedCodeBlock block && tag.equals("pre") && isDiagram(block)) {
            attributes.put("class", "mermaid");
        } else if (tag.equals("th")) {
            attributes.put("scope", "col");
        } else if (tag.equals("img")) {
            attributes.put("loading", "lazy");
        }
    }

    private static boolean isDiagram(FencedCodeBlock block) {
        return "mermaid".equals(block.getInfo());
    }

    /** Turns links to the site, and puts each table into a box that scrolls. */
    private static final class Rewriting extends AbstractVisitor {
        private final String source;
        private final RepositoryLinks links;
        private final Set<String> images = new LinkedHashSet<>();
        private boolean hasDiagram;

        Rewriting(String source, RepositoryLinks links) {
            this.source = source;
            this.links = links;
        }

        @Override
        public void visit(Link link) {
            try {
                link.setDestination(links.target(source, link.getDestination()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            visitChildren(link);
        }

        @Override
        public void visit(Image image) {
            try {
                images.add(links.file(source, image.getDestination()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void visit(FencedCodeBlock block) {
            hasDiagram |= isDiagram(block);
        }

        @Override
        public void visit(CustomBlock block) {
            if (block instanceof TableBlock) {
                block.insertBefore(markup("<div class=\"scroll\">"));
                block.insertAfter(markup("</div>"));
            }
            visitChildren(block);
        }

        private static HtmlBlock markup(String html) {
            HtmlBlock block = new HtmlBlock();
            block.setLiteral(html);
            return block;
        }
    }
}
