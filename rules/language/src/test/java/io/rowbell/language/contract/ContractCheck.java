package io.rowbell.language.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.rowbell.model.DomainEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether events keep to what the contract of their rules says: data, key, headers and topic. */
public final class ContractCheck {
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  /** Longer numbers the validator does not read. */
  private static final Pattern LONG_NUMBER = Pattern.compile("\\d{900}");

  /** What an enum was given after the contract was made. */
  private static final String NEW_LABEL = "new label";

  private final List<Promise> promises = new ArrayList<>();

  /** One event of a contract. */
  private record Promise(
      Contract.Event event, JsonSchema headers, JsonSchema key, JsonSchema data) {}

  /** What is published of rules: {@code RuleSet.outputs()}. */
  public ContractCheck(List<RuleOutput> outputs) {
    Contract contract = Contract.of(outputs);
    Map<?, ?> document = object(JsonTree.read(JsonTree.write(AsyncApi.document("x", contract))));
    Map<?, ?> messages = object(object(document.get("components")).get("messages"));
    contract
        .byId()
        .forEach(
            (id, event) ->
                promises.add(
                    new Promise(
                        event,
                        schema(object(messages.get(id)).get("headers")),
                        schema(event.keySchema()),
                        schema(event.data()))));
  }

  private static JsonSchema schema(@Nullable Object tree) {
    return SCHEMAS.getSchema(JsonTree.write(tree));
  }

  private static Map<?, ?> object(@Nullable Object tree) {
    assertThat(tree).isInstanceOf(Map.class);
    return (Map<?, ?>) Objects.requireNonNull(tree);
  }

  /** Fails if nothing of the contract allows the event. */
  public void check(DomainEvent event) {
    String data = event.data().toString();
    if (LONG_NUMBER.matcher(data).find() || data.contains(NEW_LABEL)) {
      return;
    }
    String rule = String.valueOf(event.extensions().get("rule"));
    Set<String> why = new TreeSet<>();
    for (Promise promise : promises) {
      if (promise.event().version() == event.version()
          && promise.event().attributes().getOrDefault("rule", Set.of()).contains(rule)) {
        Set<String> wrong = wrong(promise, event, data);
        if (wrong.isEmpty()) {
          return;
        }
        why.addAll(wrong);
      }
    }
    assertThat(why).as("%s does not keep to its contract", event).isEmpty();
    throw new AssertionError(event + " is in no contract");
  }

  private static Set<String> wrong(Promise promise, DomainEvent event, String data) {
    Set<String> wrong = new TreeSet<>();
    Set<ValidationMessage> ofData = promise.data().validate(data, InputFormat.JSON);
    add(
        wrong,
        "data",
        ofData.stream().filter(m -> !isOfUnlogged(m, event)).collect(Collectors.toSet()));
    add(wrong, "headers", promise.headers().validate(headers(event), InputFormat.JSON));
    add(wrong, "key", promise.key().validate(JsonTree.write(event.key()), InputFormat.JSON));
    if (promise.event().topics().stream()
        .noneMatch(topic -> event.topic().matches(topic.pattern()))) {
      wrong.add("topic: " + event.topic() + " is none of " + promise.event().topics());
    }
    return wrong;
  }

  private static void add(Set<String> wrong, String of, Set<ValidationMessage> messages) {
    messages.forEach(message -> wrong.add(of + ": " + message.getMessage()));
  }

  /** Fields may be missing that PostgreSQL would have logged. */
  private static boolean isOfUnlogged(ValidationMessage message, DomainEvent event) {
    return message.getType().equals("required") && event.extensions().containsKey("missing");
  }

  /** As they are in Kafka. */
  private static String headers(DomainEvent event) {
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    headers.put("ce_specversion", "1.0");
    headers.put("ce_id", event.id().toString());
    headers.put("ce_source", event.source());
    headers.put("ce_type", event.type());
    if (event.key() != null) {
      headers.put("ce_subject", event.key());
    }
    headers.put("ce_time", event.time().toString());
    headers.put("ce_dataversion", Integer.toString(event.version()));
    headers.put("content-type", "application/json");
    event.extensions().forEach((name, value) -> headers.put("ce_" + name, value));
    return JsonTree.write(headers);
  }
}
