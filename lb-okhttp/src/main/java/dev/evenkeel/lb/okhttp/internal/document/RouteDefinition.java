package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.reader.ReadContext;
import dev.evenkeel.lb.okhttp.route.Mirror;
import dev.evenkeel.lb.okhttp.route.PathRewrite;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteBuilder;
import dev.evenkeel.lb.okhttp.route.Split;
import dev.evenkeel.lb.okhttp.route.Target;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A route of a document. Not thread-safe. */
final class RouteDefinition {
    private final ReadContext reading;
    private RouteBuilder route = Route.builder("stand-in");
    private boolean named;
    private boolean aimed;
    private boolean rewritten;

    RouteDefinition(ReadContext reading) {
        this.reading = reading;
    }

    /** A placeholder for a route whose name is refused, so that its settings are checked all the same. */
    void name(String name, String path) {
        RouteBuilder builder = Route.builder(name);
        reading.register("route name", "", name, name, path);
        route = builder;
        named = true;
    }

    void set(Consumer<RouteBuilder> setting) {
        setting.accept(route);
    }

    void to(Target target) {
        target.pools().forEach(pool -> reading.refer("pool", "", pool));
        if (target instanceof Split split) {
            route.to(split);
        } else {
            route.to(target.pools().get(0));
        }
        aimed = true;
    }

    void mirror(List<Mirror> mirrors) {
        for (Mirror mirror : mirrors) {
            reading.refer("pool", "", mirror.pool());
            route.mirror(mirror);
        }
    }

    void stripPrefix(String prefix) {
        route.stripPrefix(prefix);
        rewritten = true;
    }

    void rewritePath(PathRewrite rewrite) {
        if (rewritten) {
            throw new IllegalArgumentException("rewritePath must not stand beside stripPrefix: leave one of them out");
        }
        route.rewritePath(rewrite);
    }

    /** Null if its name or its target was refused; that was reported. */
    @Nullable
    Route build() {
        return named && aimed ? route.build() : null;
    }
}
