/// What an agent in the bundled sample is for: its instructions, its tools, and what people ask it.
///
/// Texts have places in braces that are filled per conversation: `{name}`, `{place}`, `{thing}`, `{number}`.
struct SampleScenario: Sendable {
    /// A tool that the agent may call, and what it answers.
    struct Tool: Sendable {
        /// The name of the function.
        let name: String
        /// Its arguments: a JSON text with places.
        let arguments: String
        /// Its answer: any text with places, often JSON.
        let result: String
    }

    /// Begins the names of its conversations.
    let name: String
    /// The first message.
    let system: String
    /// How people begin.
    let openings: [String]
    /// What people say next.
    let followUps: [String]
    /// What the agent says when it has the answer of a tool.
    let answers: [String]
    /// In the order in which they are called, round and round.
    let tools: [Tool]
    /// What `{thing}` stands for.
    let things: [String]
}

extension SampleScenario {
    /// Every scenario of the sample.
    static let all = [library, kitchen, deployment, telescope, bicycles]

    private static let library = SampleScenario(
        name: "library",
        system: """
            You help the readers of a town library. Look things up before you answer. Lend nothing without the \
            reader's card number, and never tell one reader what another has borrowed.
            """,
        openings: [
            "Good morning, this is {name}. Do you have {thing}?",
            "Hi! I am looking for {thing}, the branch in {place} would be best.",
            "My card is {number}. Can you keep {thing} for me until Saturday?",
        ],
        followUps: [
            "And when would it be back?", "Could it be sent to {place}?",
            "Is there a large-print edition as well?",
            "Wonderful. What else do I have at home right now?",
            "My daughter asks whether there is something like it for a ten-year-old.",
        ],
        answers: [
            "There are {number} copies, one of them on the shelf in {place}.",
            "It is lent out; I have put you on the list, you are next.",
            "Done: it waits for you at the desk in {place} under your card number.",
            "I found it: third floor, shelf \"{place} – local authors\".",
        ],
        tools: [
            Tool(
                name: "search_catalogue", arguments: #"{"title": "{thing}", "branch": "{place}"}"#,
                result: #"{"copies": {number}, "on_shelf": 1, "branches": ["{place}", "Harbour"]}"#),
            Tool(
                name: "reserve", arguments: #"{"card": "{number}", "title": "{thing}"}"#,
                result: #"{"status": "reserved", "until": "2026-11-28"}"#),
        ],
        things: [
            "\"The Lighthouse Keeper's Almanac\"", "a book about mosses", "the new atlas of rivers",
            "\"Fünf Freunde & ein Hund\"", "something by 村上", "a score of the Goldberg Variations",
        ])

    private static let kitchen = SampleScenario(
        name: "kitchen",
        system: """
            You plan meals for a family of four. One of them must not eat nuts: check every recipe. Amounts are \
            metric. Ask before you put something on the shopping list.
            """,
        openings: [
            "We have {thing} left over. What can I make of it tonight?",
            "{name} here. Plan three dinners, please, one of them with {thing}.",
            "Is there anything with {thing} that takes less than {number} minutes?",
        ],
        followUps: [
            "That sounds good 😋 – put what is missing on the list.",
            "Without garlic, please; {name} is coming.",
            "How long in the oven, and at how many degrees?", "Double it: we are eight on Sunday.",
            "Are you sure that there are no nuts in it?",
        ],
        answers: [
            "A gratin: {thing} in layers, 180 °C, {number} minutes. No nuts in it.",
            "I have put {number} g of it on the list.",
            "For eight people: twice of everything, but only one and a half times the salt.",
            "Checked again: none of the ingredients contains nuts or traces of them.",
        ],
        tools: [
            Tool(
                name: "find_recipe",
                arguments: #"{"with": ["{thing}"], "minutes_max": {number}, "without": ["nuts"]}"#,
                result:
                    #"{"recipe": "gratin", "minutes": {number}, "ingredients": [{"g": 500.0, "of": "{thing}"}]}"#
            ),
            Tool(
                name: "add_to_list", arguments: #"{"item": "{thing}", "grams": {number}}"#,
                result: #"{"ok": true}"#),
        ],
        things: [
            "spinach", "two kilos of pumpkin", "cold rice", "crème fraîche", "yesterday's bread", "leeks",
        ])

    private static let deployment = SampleScenario(
        name: "deploy",
        system: """
            You are on call for a web shop. Read before you change anything; a change of production needs the word \
            "confirmed" from a human. Keep answers short.
            """,
        openings: [
            "{thing} is slow since this morning, p99 is at {number} ms. What is going on?",
            "Alert from {place}: {thing} restarts every few minutes.",
            "Please roll {thing} out to {place}, ticket {number}.",
        ],
        followUps: [
            "Show me the last lines of the log.", "confirmed", "Hold on. What changed since yesterday?",
            "Is it the same in {place}?", "Roll it back, then. Confirmed.",
        ],
        answers: [
            "The connection pool of {thing} is exhausted: {number} of {number} in use.",
            "Rolled out to {place}; error rate is back to 0.0 %.",
            "Memory grows by {number} MiB an hour; the last deploy was 14 hours ago.",
            "I need the word \"confirmed\" before I touch production.",
        ],
        tools: [
            Tool(
                name: "read_log", arguments: #"{"service": "{thing}", "lines": {number}}"#,
                result:
                    "2026-11-20T08:14:0{number}Z WARN pool: timeout after 5s\\n\\tat acquire (\\\"{place}\\\")"
            ),
            Tool(
                name: "query_metrics", arguments: #"{"expr": "rate(errors{service=\"{thing}\"}[5m])"}"#,
                result: #"{"resultType": "vector", "result": [{"value": [1763626440, "0.0{number}"]}]}"#),
            Tool(
                name: "roll_back", arguments: #"{"service": "{thing}", "to": "v{number}"}"#,
                result: #"{"state": "done", "seconds": {number}}"#),
        ],
        things: ["checkout", "search-api", "the image resizer", "cart", "mail-worker"])

    private static let telescope = SampleScenario(
        name: "telescope",
        system: """
            You run a small robotic telescope for a school. Never point it within 30 degrees of the sun. Explain \
            what is seen in one or two sentences that a twelve-year-old understands.
            """,
        openings: [
            "Can we see {thing} from {place} tonight?",
            "This is {name}, class 6b. We would like a picture of {thing}!",
            "How long must the exposure of {thing} be?",
        ],
        followUps: [
            "Why is it red?", "How far away is that?", "Can you make it {number} seconds longer?",
            "Is that a star or a plane?", "Thank you!! Please send it to {name}.",
        ],
        answers: [
            "{thing} stands {number}° above the horizon after nine; the moon is out of the way.",
            "The light in this picture set out {number} thousand years ago.",
            "Taken: {number} exposures of 30 s, stacked. The blue spots are young, hot stars.",
            "It would be below the roof of the gym; try again in March.",
        ],
        tools: [
            Tool(
                name: "visibility", arguments: #"{"object": "{thing}", "site": "{place}"}"#,
                result: #"{"altitude": {number}.50, "moon": 0.12, "cloud": null}"#),
            Tool(
                name: "expose", arguments: #"{"object": "{thing}", "seconds": {number}}"#,
                result: #"{"file": "frames/{number}.fits", "bytes": 33554432}"#),
        ],
        things: ["M31", "Saturn", "the Pleiades", "comet C/2025 A6", "the dark side of the moon"])

    private static let bicycles = SampleScenario(
        name: "bicycles",
        system: """
            You take repairs for a bicycle workshop. An estimate is not a promise. Say so. Appointments are on the \
            half hour, Tuesday to Saturday.
            """,
        openings: [
            "Hello, {thing} makes a terrible noise.", "I need {thing} fixed before I ride to {place}.",
            "How much is a new chain? It is for {thing}.",
        ],
        followUps: [
            "Could {name} bring it on Thursday instead?", "What if I buy the part myself?",
            "OK, {number} euros is fine.", "Do you lend one meanwhile?", "Is half past nine free?",
        ],
        answers: [
            "I estimate {number} euros; that is an estimate and no promise.",
            "Friday, 09:30 is yours. Please bring the key of the lock.",
            "It is probably the bottom bracket. We will call before we do more than agreed.",
            "Yes, there is a loan bike, a blue one; it has {number} gears.",
        ],
        tools: [
            Tool(
                name: "free_slots", arguments: #"{"week": {number}, "minutes": 60}"#,
                result: #"["Tue 10:00", "Fri 09:30", "Sat 08:30"]"#),
            Tool(
                name: "book",
                arguments: #"{"slot": "Fri 09:30", "bicycle": "{thing}", "customer": "{name}"}"#,
                result: #"{"booking": {number}, "confirmed": true, "note": "\u00fcber Hof"}"#),
        ],
        things: [
            "my cargo bike", "the red tandem", "a folding bike", "the kids' trailer", "an old racing bike",
        ])
}
