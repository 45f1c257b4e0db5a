package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.spi.BackendDiscovery;
import org.jspecify.annotations.Nullable;

/** What a source of backends says of itself, for operators. */
final class DiscoveryName {
    private static final int MAX_CHARS = 200;

    private DiscoveryName() {}

    /** The source's own text; null for a class without one, whose text is an address in memory, and if it throws. */
    static @Nullable String of(BackendDiscovery discovery) {
        String text;
        try {
            text = discovery.toString();
        } catch (RuntimeException e) {
            return null;
        }
        String ofObject = discovery.getClass().getName() + "@" + Integer.toHexString(discovery.hashCode());
        return text.equals(ofObject) ? null : Printable.of(text, MAX_CHARS);
    }
}
