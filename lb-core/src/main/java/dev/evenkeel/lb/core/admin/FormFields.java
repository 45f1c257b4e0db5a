package dev.evenkeel.lb.core.admin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Fields of {@code application/x-www-form-urlencoded}: of a form or a query. */
final class FormFields {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private FormFields() {}

    /** The fields by name; the last one of a name counts. */
    static Map<String, String> parse(String form) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : form.split("&", -1)) {
            int equals = pair.indexOf('=');
            try {
                if (equals > 0) {
                    fields.put(
                            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
                }
            } catch (IllegalArgumentException e) {
                LOG.log(System.Logger.Level.TRACE, "a field with a broken escape is left out", e);
            }
        }
        return fields;
    }
}
