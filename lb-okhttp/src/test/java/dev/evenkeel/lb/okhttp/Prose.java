package dev.evenkeel.lb.okhttp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The sentences of a page in Markdown, and how easy they are to read.
 *
 * <p>Paragraphs and items of lists count. Headings, code blocks and what a test generates do not. Cells of tables have sentences
 * of their own: short as they are, they would flatter the mean, so they count for {@link #longestOfAll} alone. Code in a line is one
 * word of two syllables, since it is read as a name. Syllables are groups of vowels without a silent <i>e</i>.
 */
final class Prose {
    private static final Pattern LEFT_OUT =
            Pattern.compile("^```.*?^```|<!-- begin.*?<!-- end -->|<!--.*?-->", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern ITEM = Pattern.compile("\\s*(?:[-*]|\\d+\\.) +(.*)");
    private static final Pattern RULE = Pattern.compile("[|:\\- ]+");
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])[)\"”]?\\s+(?=[A-Z0-9\"(“])");
    private static final Pattern WORD = Pattern.compile("[^\\s—–/]*\\w[^\\s—–/]*");
    private static final Pattern VOWELS = Pattern.compile("[aeiouy]+");
    private static final String CODE = "CODE";

    private final List<List<String>> sentences;
    private final List<List<String>> cells;
    private final String text;

    private Prose(List<List<String>> sentences, List<List<String>> cells, String text) {
        this.sentences = sentences;
        this.cells = cells;
        this.text = text;
    }

    static Prose of(String page) {
        List<String> paragraphs = new ArrayList<>();
        List<String> cells = new ArrayList<>();
        StringBuilder paragraph = new StringBuilder();
        for (String line : LEFT_OUT.matcher(page).replaceAll("\n").lines().toList()) {
            boolean isRow = line.strip().startsWith("|");
            Matcher item = ITEM.matcher(line);
            boolean isItem = item.matches();
            if (isRow || isItem || line.isBlank() || line.startsWith("#")) {
                paragraphs.add(paragraph.toString());
                paragraph.setLength(0);
            }
            if (isRow && !RULE.matcher(line.strip()).matches()) {
                cells.addAll(List.of(plain(line).split("\\|")));
            } else if (isItem) {
                paragraph.append(item.group(1)).append(' ');
            } else if (!isRow && !line.startsWith("#")) {
                paragraph.append(line.strip()).append(' ');
            }
        }
        paragraphs.add(paragraph.toString());
        return new Prose(
                sentences(paragraphs.stream().map(Prose::plain)),
                sentences(cells.stream()),
                String.join("\n", paragraphs.stream().map(Prose::plain).toList()) + "\n" + String.join("\n", cells));
    }

    private static String plain(String text) {
        return text.replaceAll("!\\[[^\\]]*]\\([^)]*\\)", "")
                .replaceAll("`[^`]+`", CODE)
                .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                .replaceAll("<https?://[^>]*>", CODE)
                .replace("*", "");
    }

    private static List<List<String>> sentences(Stream<String> texts) {
        return texts.flatMap(SENTENCE_END::splitAsStream)
                .map(sentence ->
                        WORD.matcher(sentence).results().map(MatchResult::group).toList())
                .filter(words -> !words.isEmpty())
                .toList();
    }

    /** The text without code and without the addresses of links. */
    String text() {
        return text;
    }

    int words() {
        return sentences.stream().mapToInt(List::size).sum();
    }

    double wordsPerSentence() {
        return sentences.stream().mapToInt(List::size).average().orElse(0);
    }

    /** Words of the longest sentence, in tables too. */
    int longestOfAll() {
        return Stream.concat(sentences.stream(), cells.stream())
                .mapToInt(List::size)
                .max()
                .orElse(0);
    }

    List<String> sentencesOfMoreThan(int words) {
        return Stream.concat(sentences.stream(), cells.stream())
                .filter(sentence -> sentence.size() > words)
                .map(sentence -> String.join(" ", sentence))
                .toList();
    }

    /** Flesch's reading ease: 60 is plain English, 30 is hard. */
    double readingEase() {
        double syllables = sentences.stream()
                .flatMap(List::stream)
                .mapToInt(Prose::syllables)
                .average()
                .orElse(0);
        return 206.835 - 1.015 * wordsPerSentence() - 84.6 * syllables;
    }

    static int syllables(String word) {
        if (word.contains(CODE)) {
            return 2;
        }
        String letters = word.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        int groups = (int) VOWELS.matcher(letters).results().count();
        boolean isSilent = letters.matches(".*(?<![^aeiouy]l)e|.*[^tdi]ed|.*(?<!ch|sh|[sxzcgi]|[^aeiouy]l)es");
        return Math.max(1, groups - (isSilent ? 1 : 0));
    }
}
