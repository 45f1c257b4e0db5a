package dev.evenkeel.lb.examples.site;

import java.util.List;

/**
 * A part of the navigation.
 *
 * @param title its heading
 * @param pages its pages in order
 */
record Section(String title, List<Entry> pages) {
    Section {
        pages = List.copyOf(pages);
    }

    /**
     * A page in the navigation.
     *
     * @param source the Markdown file, from the root of the repository, with slashes
     * @param label what the navigation calls it
     */
    record Entry(String source, String label) {
        /** The HTML file, from the root of the site: {@code README.md} is the index of its folder. */
        String target() {
            return RepositoryLinks.html(source);
        }
    }
}
