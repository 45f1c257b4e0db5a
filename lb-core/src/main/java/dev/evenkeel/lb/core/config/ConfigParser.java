package dev.evenkeel.lb.core.config;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Parses the text of a configuration into a tree of plain objects, for formats other than JSON.
 *
 * <pre>{@code
 * LoaderOptions strict = new LoaderOptions();
 * strict.setAllowDuplicateKeys(false);
 * ConfigParser yaml = text -> new Yaml(new SafeConstructor(strict)).load(new ByteArrayInputStream(text));
 * }</pre>
 */
@FunctionalInterface
public interface ConfigParser {

    /**
     * Parses a text.
     *
     * @param text the file, at most 1 MiB
     * @return maps with string keys, lists, strings, numbers, booleans and nulls; at most 20 deep and 100,000 in all
     * @throws IOException if the text is malformed: its message, cut, becomes the fault, so it must not quote secrets
     */
    @Nullable
    Object parse(byte[] text) throws IOException;
}
