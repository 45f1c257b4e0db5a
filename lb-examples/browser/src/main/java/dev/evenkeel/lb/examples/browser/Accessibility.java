package dev.evenkeel.lb.examples.browser;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** The rules of accessibility that a program can check, as axe-core has them. */
public final class Accessibility {
    /** A page on which fewer rules apply is not the page that the test means. */
    private static final int MIN_PASSES = 15;

    private Accessibility() {}

    /**
     * Checks the open page as it is now.
     *
     * @param browser shows the page
     * @return a line for each rule that it breaks, with the first place; empty if it keeps them all
     * @throws IOException if the rules cannot be read
     */
    public static List<String> faults(Browser browser) throws IOException {
        browser.value(rules());
        JsonNode found = browser.value("axe.run().then(found => ({ passes: found.passes.length,"
                + " faults: found.violations.map(fault => fault.id + ': ' + fault.nodes.length + ' × '"
                + " + fault.nodes[0].html + ' ' + fault.nodes[0].failureSummary) }))");
        int passes = found.path("passes").asInt();
        if (passes <= MIN_PASSES) {
            Assertions.fail("only " + passes + " rules apply to the page");
        }
        List<String> faults = new ArrayList<>();
        found.path("faults").forEach(fault -> faults.add(fault.asText()));
        return faults;
    }

    private static String rules() throws IOException {
        try (InputStream in = Accessibility.class.getResourceAsStream("/axe.min.js")) {
            if (in == null) {
                return Assertions.fail("axe.min.js is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
