package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import java.util.Map;

/** The forms of the page, and their actions. */
final class StatsActions {
    private StatsActions() {}

    static void append(StringBuilder html, String pool, String id, BackendStatus status, String token) {
        html.append("<td role=\"cell\" data-cell=\"controls\"><details><summary aria-label=\"change ")
                .append(Html.escape(id))
                .append("\">change</summary>");
        if (status.adminState() == AdminState.ACTIVE) {
            drain(html, pool, id, token);
            button(html, pool, id, "maintenance", token);
        } else {
            button(html, pool, id, "activate", token);
        }
        open(html, pool, id, "weight", token);
        html.append("<input type=\"number\" name=\"weight\" min=\"1\" max=\"")
                .append(Backend.MAX_WEIGHT)
                .append("\" required value=\"")
                .append(status.backend().weight())
                .append("\" aria-label=\"weight of ")
                .append(Html.escape(id))
                .append("\"> <button>set weight</button></form></details></td>");
    }

    private static void drain(StringBuilder html, String pool, String id, String token) {
        open(html, pool, id, "drain", token);
        html.append("<button aria-label=\"drain ")
                .append(Html.escape(id))
                .append("\">drain</button> <label><input type=\"checkbox\" name=\"closeAtDeadline\" value=\"true\""
                        + " aria-label=\"close what is left at the deadline of ")
                .append(Html.escape(id))
                .append("\">close at deadline</label></form> ");
    }

    private static void button(StringBuilder html, String pool, String id, String action, String token) {
        open(html, pool, id, action, token);
        html.append("<button aria-label=\"")
                .append(action)
                .append(' ')
                .append(Html.escape(id))
                .append("\">")
                .append(action)
                .append("</button></form> ");
    }

    private static void open(StringBuilder html, String pool, String id, String action, String token) {
        html.append("<form method=\"post\">");
        hidden(html, "token", token);
        hidden(html, "pool", pool);
        hidden(html, "backend", id);
        hidden(html, "action", action);
    }

    private static void hidden(StringBuilder html, String name, String value) {
        html.append("<input type=\"hidden\" name=\"")
                .append(name)
                .append("\" value=\"")
                .append(Html.escape(value))
                .append("\">");
    }

    /**
     * Performs the action of a form.
     *
     * @throws IllegalArgumentException if the form is unknown, or names a pool or backend that does not exist
     */
    static void apply(StatsPage page, Map<String, String> form) {
        String name = field(form, "pool");
        LoadBalancer pool = page.pool(name);
        if (pool == null) {
            throw new IllegalArgumentException("there is no pool \"" + name + "\"");
        }
        BackendRegistry registry = pool.registry();
        String id = field(form, "backend");
        String action = field(form, "action");
        switch (action) {
            case "drain" -> registry.drain(id, policy(registry.drainPolicy(), form));
            case "maintenance" -> registry.maintenance(id);
            case "activate" -> registry.activate(id);
            case "weight" -> registry.setWeight(id, weight(field(form, "weight")));
            default ->
                throw new IllegalArgumentException(
                        "unknown action \"" + action + "\"; expected one of activate, drain, maintenance, weight");
        }
    }

    /** The pool's policy; a form may ask for more, but take nothing back. */
    private static DrainPolicy policy(DrainPolicy ofPool, Map<String, String> form) {
        String close = form.getOrDefault("closeAtDeadline", "false");
        if (!close.equals("true") && !close.equals("false")) {
            throw new IllegalArgumentException("closeAtDeadline must be true or false: \"" + close + "\"");
        }
        return close.equals("true") ? ofPool.withCloseAtDeadline(true) : ofPool;
    }

    /** Describes a form that has been {@linkplain #apply applied}. */
    static String told(Map<String, String> form) {
        String action = field(form, "action");
        String told = switch (action) {
            case "weight" -> "weight " + field(form, "weight");
            case "drain" ->
                "true".equals(form.get("closeAtDeadline")) ? "drain (closing what is left at the deadline)" : action;
            default -> action;
        };
        return told + " of backend \"" + field(form, "backend") + "\" in pool \"" + field(form, "pool") + "\"";
    }

    private static int weight(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("weight must be a whole number: \"" + text + "\"", e);
        }
    }

    private static String field(Map<String, String> form, String name) {
        String value = form.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the form has no \"" + name + "\"");
        }
        return value;
    }
}
