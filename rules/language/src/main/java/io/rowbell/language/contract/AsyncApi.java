package io.rowbell.language.contract;

import io.rowbell.language.contract.Address.Parameter;
import io.rowbell.language.contract.Contract.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A contract as an AsyncAPI 3.0 document: a channel for each topic, a message for each event, and
 * what Rowbell does: send them. It describes records as they are in Kafka: CloudEvents 1.0 in
 * binary content mode, attributes in headers, the data as value.
 *
 * <p>{@code x-rowbell-*} fields say what AsyncAPI has no word for; {@link #read} needs them.
 */
public final class AsyncApi {
  private static final String DATA_OF = "#/components/schemas/";
  private static final String MESSAGE_OF = "#/components/messages/";
  private static final String KEY_BINDING = "0.5.0";

  private AsyncApi() {}

  /**
   * The document.
   *
   * @param title whose events these are
   */
  public static Map<String, @Nullable Object> document(String title, Contract contract) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("asyncapi", "3.0.0");
    Map<String, @Nullable Object> info = new LinkedHashMap<>();
    info.put("title", title);
    info.put("version", "1.0.0");
    info.put(
        "description",
        "Written by 'rowbell contract'. Each event has a version of its own, in ce_dataversion.");
    document.put("info", info);
    document.put("defaultContentType", "application/json");
    Map<String, @Nullable Object> messages = new LinkedHashMap<>();
    Map<String, @Nullable Object> schemas = new LinkedHashMap<>();
    contract
        .byId()
        .forEach(
            (id, event) -> {
              messages.put(id, message(id, event));
              schemas.put(id, event.data());
            });
    channels(document, contract);
    Map<String, @Nullable Object> components = new LinkedHashMap<>();
    components.put("messages", messages);
    components.put("schemas", schemas);
    document.put("components", components);
    return document;
  }

  private static void channels(Map<String, @Nullable Object> document, Contract contract) {
    Map<String, Address> topics = new TreeMap<>();
    Map<String, List<String>> events = new TreeMap<>();
    contract
        .byId()
        .forEach(
            (id, event) -> {
              for (Address topic : event.topics()) {
                topics.putIfAbsent(topic.text(), topic);
                events.computeIfAbsent(topic.text(), text -> new ArrayList<>()).add(id);
              }
            });
    Map<String, @Nullable Object> channels = new LinkedHashMap<>();
    Map<String, @Nullable Object> operations = new LinkedHashMap<>();
    for (Address topic : topics.values()) {
      String id = unique(topic.text().replaceAll("[^A-Za-z0-9_.-]", ""), channels);
      Map<String, @Nullable Object> named = new LinkedHashMap<>();
      List<Object> sent = new ArrayList<>();
      for (String event : events.getOrDefault(topic.text(), List.of())) {
        named.put(event, reference(MESSAGE_OF + event));
        sent.add(reference("#/channels/" + id + "/messages/" + event));
      }
      Map<String, @Nullable Object> channel = new LinkedHashMap<>();
      channel.put("address", topic.text());
      channel.put("messages", named);
      if (!topic.isConstant()) {
        channel.put("parameters", parameters(topic));
      }
      channels.put(id, channel);
      Map<String, @Nullable Object> operation = new LinkedHashMap<>();
      operation.put("action", "send");
      operation.put("channel", reference("#/channels/" + id));
      operation.put("messages", sent);
      operations.put("send." + id, operation);
    }
    document.put("channels", channels);
    document.put("operations", operations);
  }

  private static String unique(String wanted, Map<String, ?> taken) {
    String id = wanted;
    for (int i = 2; taken.containsKey(id); i++) {
      id = wanted + "-" + i;
    }
    return id;
  }

  private static Map<String, @Nullable Object> parameters(Address address) {
    Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
    for (Map.Entry<String, Parameter> entry : address.parameters().entrySet()) {
      Map<String, @Nullable Object> parameter = new LinkedHashMap<>();
      if (!entry.getValue().labels().isEmpty()) {
        parameter.put("enum", entry.getValue().labels());
      }
      parameter.put("description", "The value of " + entry.getValue().expression());
      parameter.put("x-rowbell-expression", entry.getValue().expression());
      parameters.put(entry.getKey(), parameter);
    }
    return parameters;
  }

  private static Map<String, @Nullable Object> reference(String to) {
    Map<String, @Nullable Object> reference = new LinkedHashMap<>();
    reference.put("$ref", to);
    return reference;
  }

  private static Map<String, @Nullable Object> message(String id, Event event) {
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put("name", event.name());
    message.put("title", event.name() + ", version " + event.version());
    if (event.description() != null) {
      message.put("description", event.description());
    }
    message.put("contentType", "application/json");
    message.put("headers", EventHeaders.schema(event));
    message.put("payload", reference(DATA_OF + id));
    Map<String, @Nullable Object> kafka = new LinkedHashMap<>();
    kafka.put("key", event.keySchema());
    kafka.put("bindingVersion", KEY_BINDING);
    message.put("bindings", Map.of("kafka", kafka));
    Object example = Examples.of(event.data());
    if (example instanceof Map) {
      message.put("examples", List.of(Map.of("payload", example)));
    }
    message.put("x-rowbell-type", event.type().text());
    if (!event.type().isConstant()) {
      message.put("x-rowbell-type-parameters", parameters(event.type()));
    }
    message.put("x-rowbell-version", (long) event.version());
    message.put("x-rowbell-key", event.key());
    Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
    event.attributes().forEach((name, values) -> attributes.put(name, List.copyOf(values)));
    message.put("x-rowbell-attributes", attributes);
    return message;
  }

  /**
   * The contract that a document says.
   *
   * @throws IllegalArgumentException if {@link #document} did not write it
   */
  public static Contract read(@Nullable Object tree) {
    Map<String, @Nullable Object> document = JsonTree.object(tree);
    Object version = document.get("asyncapi");
    if (!(version instanceof String text) || !text.startsWith("3.")) {
      throw new IllegalArgumentException("it is no AsyncAPI 3 document");
    }
    Map<String, @Nullable Object> components = JsonTree.object(document.get("components"));
    Map<String, @Nullable Object> schemas = JsonTree.object(components.get("schemas"));
    Map<String, List<Address>> topics = topics(JsonTree.object(document.get("channels")));
    List<Event> events = new ArrayList<>();
    JsonTree.object(components.get("messages"))
        .forEach(
            (id, message) ->
                events.add(
                    event(
                        id,
                        JsonTree.object(message),
                        JsonTree.object(schemas.get(id)),
                        topics.getOrDefault(id, List.of()))));
    return new Contract(events);
  }

  private static Map<String, List<Address>> topics(Map<String, @Nullable Object> channels) {
    Map<String, List<Address>> topics = new TreeMap<>();
    for (Object tree : channels.values()) {
      Map<String, @Nullable Object> channel = JsonTree.object(tree);
      if (!(channel.get("address") instanceof String address)) {
        throw new IllegalArgumentException("a channel has no address");
      }
      Address topic = new Address(address, parameters(channel.get("parameters")));
      for (String id : JsonTree.object(channel.get("messages")).keySet()) {
        topics.computeIfAbsent(id, message -> new ArrayList<>()).add(topic);
      }
    }
    return topics;
  }

  private static Map<String, Parameter> parameters(@Nullable Object tree) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    JsonTree.object(tree)
        .forEach(
            (name, value) -> {
              Map<String, @Nullable Object> parameter = JsonTree.object(value);
              Object expression = parameter.get("x-rowbell-expression");
              List<String> labels =
                  JsonTree.list(parameter.get("enum")).stream().map(String::valueOf).toList();
              parameters.put(name, new Parameter(String.valueOf(expression), labels));
            });
    return parameters;
  }

  private static Event event(
      String id,
      Map<String, @Nullable Object> message,
      Map<String, @Nullable Object> data,
      List<Address> topics) {
    if (!(message.get("name") instanceof String name)
        || !(message.get("x-rowbell-type") instanceof String type)
        || !(message.get("x-rowbell-version") instanceof Long version)
        || !(message.get("x-rowbell-key") instanceof String key)) {
      throw new IllegalArgumentException(
          "message " + id + " was not written by 'rowbell contract': it lacks an x-rowbell field");
    }
    Map<String, @Nullable Object> kafka =
        JsonTree.object(JsonTree.object(message.get("bindings")).get("kafka"));
    Map<String, Set<String>> attributes = new TreeMap<>();
    JsonTree.object(message.get("x-rowbell-attributes"))
        .forEach(
            (attribute, values) -> {
              Set<String> all = new TreeSet<>();
              JsonTree.list(values).forEach(value -> all.add(String.valueOf(value)));
              attributes.put(attribute, all);
            });
    return new Event(
        name,
        new Address(type, parameters(message.get("x-rowbell-type-parameters"))),
        Math.toIntExact(version),
        message.get("description") instanceof String text ? text : null,
        topics,
        key,
        JsonTree.object(kafka.get("key")),
        data,
        attributes);
  }
}
