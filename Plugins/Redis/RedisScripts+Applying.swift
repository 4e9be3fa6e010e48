extension RedisScripts {
    /// Applies a batch: first decides every change in memory, then writes.
    ///
    /// `ARGV`: prefix, identity, now, `1` for all or none, the number of keys, each key as namespace and key,
    /// then each change as a header and a value. The header is `kind`, `conditions`, `flags` (one byte each),
    /// the number of the key (4 bytes), id, version, expected version (16 bytes each), expiry (8 bytes); kind
    /// 0 is invalid.
    ///
    /// Answers 17 bytes for each change: a letter and the version seen.
    static let apply = RedisScript(name: "apply", source: preamble + places + refusals + changes + writing)

    private static let places = #"""
        local atomic, places = ARGV[4] == '1', {}
        local place_count = tonumber(ARGV[5])
        local first = 6 + 2 * place_count

        for number = 1, place_count do
          local place = { ns = ARGV[4 + 2 * number], key = ARGV[5 + 2 * number], items = {} }
          place.name = name_of(place.ns, place.key)
          local head = redis.call('HMGET', place.name .. ':h', 'f', 'l', 'v')
          place.is_new = not (head[1] or head[2] or head[3])
          place.floor, place.last = head[1] or zero, head[2] or zero
          place.document = document_of(head[3])
          place.had_document, place.had_last = place.document ~= nil, place.last
          places[number] = place
        end

        -- What is stored at an id, asked for once; above the last id there is nothing, below the floor
        -- neither.
        local function item_at(place, id)
          local known = place.items[id]
          if known ~= nil then return known or nil end
          if above(id, place.last) or not above(id, place.floor) then return nil end
          local found = redis.call(
            'ZRANGEBYLEX', place.name .. ':l', '[' .. id, '(' .. id .. '\255', 'LIMIT', 0, 1)
          local item = found[1] and item_of(found[1]) or false
          if item then item.old = item.text end
          place.items[id] = item
          return item or nil
        end

        """#

    private static let refusals = #"""
        -- What stands against a change; a put whose exact version is stored is a replay whatever its
        -- condition.
        local function refusal(change, place, stored)
          local is_item = change.id ~= zero
          if change.kind == 1 and stored and stored.version == change.version then return 'U' end
          if change.conditions % 2 == 1 then
            local current = zero
            if is_item then
              current = place.last
            elseif visible(stored) then
              current = stored.version
            end
            if current ~= change.expected then return 'C', current end
          end
          if change.conditions % 8 >= 4 then
            if not visible(stored) then return 'N' end
            if not above(change.version, stored.version) then return 'S', stored.version end
          end
          if change.conditions % 4 < 2 then return nil end
          if change.kind == 2 then
            if above(place.last, change.version) then return 'S', place.last end
            return nil
          end
          if is_item and not stored then
            local highest = above(place.last, place.floor) and place.last or place.floor
            if not above(change.id, highest) then return 'S', highest end
            return nil
          end
          local highest = stored and stored.version or zero
          if not is_item and above(place.floor, highest) then highest = place.floor end
          if not above(change.version, highest) then return 'S', highest end
          return nil
        end

        """#

    private static let changes = #"""
        local function put(change, place, stored)
          local is_item = change.id ~= zero
          if not above(is_item and change.id or change.version, place.floor) then return 'U' end
          if stored and not above(change.version, stored.version) then return 'U' end
          local record = {
            version = change.version, flags = change.flags, expires = change.expires, change = change,
            old = stored and stored.old }
          if is_item then
            place.items[change.id] = record
            if above(change.id, place.last) then place.last = change.id end
          else
            place.document = record
          end
          place.is_dirty = true
          return 'A'
        end

        local function drop(change, place)
          local upto = change.version
          if not above(upto, place.floor) then return 'U' end
          place.floor, place.dropped, place.is_dirty = upto, upto, true
          if not above(place.last, upto) then place.last = zero end
          if place.document and not above(place.document.version, upto) then place.document = nil end
          for id, item in pairs(place.items) do
            if item and not above(id, upto) then place.items[id] = false end
          end
          return 'A'
        end

        local answers, stands = {}, true
        for at = first, #ARGV, 2 do
          local change = { value = at + 1 }
          local number
          change.kind, change.conditions, change.flags, number, change.id, change.version, change.expected,
            change.expires = struct.unpack('>BBBI4c16c16c16i8', ARGV[at])
          change.expiry = ARGV[at]:sub(-8)
          local place, letter, seen = places[number], 'I', nil
          if change.kind > 0 then
            local stored
            if change.id ~= zero then stored = item_at(place, change.id) else stored = place.document end
            letter, seen = refusal(change, place, stored)
            if not letter then
              if change.kind == 1 then
                letter = put(change, place, stored)
              elseif change.kind == 2 then
                letter = drop(change, place)
              else
                letter = 'A'
              end
            end
          end
          if letter ~= 'A' and letter ~= 'U' then stands = false end
          answers[#answers + 1] = letter .. (seen or zero)
        end
        if atomic and not stands then return table.concat(answers) end

        """#

    private static let writing = #"""
        -- Lua passes a few thousand values at once, and Redis takes many more.
        local function in_parts(command, key, values)
          for at = 1, #values, 1000 do
            redis.call(command, key, unpack(values, at, math.min(at + 999, #values)))
          end
        end

        local expiring, traces = {}, {}
        local function note(place, id, record)
          local mark = mark_of('R', place, id)
          if record.flags >= 2 then
            local time = math.max(struct.unpack('>I6', record.version), record.expires)
            traces[#traces + 1] = whole(time)
            traces[#traces + 1] = mark
          elseif record.expires ~= 0 then
            expiring[#expiring + 1] = whole(record.expires)
            expiring[#expiring + 1] = mark
          end
        end

        local function write_items(place)
          local gone, come = {}, {}
          for id, item in pairs(place.items) do
            if item and item.change then
              local kind, middle = item.flags, ''
              if item.version ~= id then kind, middle = kind + 4, item.version end
              if item.expires ~= 0 then kind, middle = kind + 8, middle .. item.change.expiry end
              if item.old then gone[#gone + 1] = item.old end
              come[#come + 1] = '0'
              come[#come + 1] = id .. string.char(kind) .. middle .. ARGV[item.change.value]
              note(place, id, item)
            end
          end
          in_parts('ZREM', place.name .. ':l', gone)
          in_parts('ZADD', place.name .. ':l', come)
        end

        local function write_head(place)
          local head, fields = place.name .. ':h', {}
          local function set(field, value)
            fields[#fields + 1] = field
            fields[#fields + 1] = value
          end
          if place.dropped then
            set('f', place.floor)
            set('n', ARGV[3])
            traces[#traces + 1] = ARGV[3]
            traces[#traces + 1] = mark_of('F', place, zero)
          end
          if place.last ~= place.had_last and place.last ~= zero then set('l', place.last) end
          local document = place.document
          if document and document.change then
            local change = document.change
            set('v', document.version .. string.char(document.flags) .. change.expiry)
            set('d', ARGV[change.value])
            note(place, zero, document)
          end
          if #fields > 0 then redis.call('HSET', head, unpack(fields)) end
          if place.had_document and not document then redis.call('HDEL', head, 'v', 'd') end
          if place.last == zero and place.had_last ~= zero then redis.call('HDEL', head, 'l') end
        end

        for _, place in ipairs(places) do
          if place.is_dirty then
            if place.dropped then
              redis.call('ZREMRANGEBYLEX', place.name .. ':l', '-', '(' .. place.dropped .. '\255')
            end
            write_items(place)
            write_head(place)
            if place.is_new then
              redis.call('ZADD', prefix .. 'keys:' .. place.ns, '0', place.key)
              redis.call('ZADD', prefix .. 'names', '0', place.ns)
            end
          end
        end
        in_parts('ZADD', prefix .. 'expiring', expiring)
        in_parts('ZADD', prefix .. 'traces', traces)
        return table.concat(answers)
        """#
}
