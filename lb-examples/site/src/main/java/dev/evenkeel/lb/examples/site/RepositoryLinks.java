package dev.evenkeel.lb.examples.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a link of a page leads on the site: to another page of it, to an image, or to the repository on the web. */
final class RepositoryLinks {
    private static final Pattern SCM_URL = Pattern.compile("<scm[ >].*?<url>(.*?)</url>", Pattern.DOTALL);
    private static final Pattern ABSOLUTE = Pattern.compile("[a-z][a-z+.-]*:.*");

    private final Path root;
    private final Set<String> sources;
    private final String url;

    /**
     * Makes them.
     *
     * @param root the repository; its {@code pom.xml} names its address on the web
     * @param sources the pages of the site, from the root
     */
    RepositoryLinks(Path root, Set<String> sources) throws IOException {
        this.root = root;
        this.sources = Set.copyOf(sources);
        Matcher scm = SCM_URL.matcher(Files.readString(root.resolve("pom.xml")));
        if (!scm.find()) {
            throw new IOException("pom.xml must have <scm> with an <url>");
        }
        url = scm.group(1);
    }

    /** The repository on the web. */
    String url() {
        return url;
    }

    /**
     * Rewrites the target of a link.
     *
     * @param source the page that has it
     * @param link as the page has it
     */
    String target(String source, String link) throws IOException {
        if (link.startsWith("#") || ABSOLUTE.matcher(link).matches()) {
            return link;
        }
        String[] parts = link.split("#", 2);
        String anchor = parts.length == 1 ? "" : "#" + parts[1];
        String path = file(source, parts[0]);
        if (sources.contains(path)) {
            return html(parts[0]) + anchor;
        }
        boolean isFolder = Files.isDirectory(root.resolve(path));
        return url + (isFolder ? "/tree/HEAD/" : "/blob/HEAD/") + path + anchor;
    }

    /** The file that a link leads to, from the root of the repository. */
    String file(String source, String link) throws IOException {
        Path file = root.resolve(source).resolveSibling(link).normalize();
        if (!file.startsWith(root) || !Files.exists(file)) {
            throw new IOException(source + ": no such file: " + link);
        }
        return slashed(root.relativize(file));
    }

    /** What a Markdown file is called as HTML. */
    static String html(String markdown) {
        return markdown.replaceFirst("README\\.md$", "index.html").replaceFirst("\\.md$", ".html");
    }

    static String slashed(Path path) {
        return path.toString().replace('\\', '/');
    }
}
