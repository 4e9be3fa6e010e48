extension RedisScripts {
    /// Answers one page of a scan.
    ///
    /// `ARGV`: prefix, identity, now; letters for what is wanted (`d` documents, `i` items, `f` floors, `r`
    /// also what no reader sees, `b` no values, `v` descending order); the namespace or nothing for all; how
    /// much is looked at, in records and in bytes; between which keys; whether there is a place to go on
    /// behind, its namespace, key and id; between which keys in that namespace; whether the place's own key
    /// is wanted.
    ///
    /// Answers a flat array: `K` namespace key, then for that key `F` floor, `D` version and flags and
    /// expiry, value, `I` item; in the end `C` namespace key id, where to go on, or `E`.
    static let scan = RedisScript(name: "scan", source: preamble + output + visiting + walking)

    private static let output = #"""
        local scope = {}
        for letter in ARGV[4]:gmatch('.') do scope[letter] = true end
        local count_max, byte_max = tonumber(ARGV[6]), tonumber(ARGV[7])
        local out, count, size, is_full = {}, 0, 0, false
        local cursor, shown

        local function emit(place, ...)
          if shown ~= place.name then
            shown = place.name
            out[#out + 1], out[#out + 2], out[#out + 3] = 'K', place.ns, place.key
          end
          for index = 1, select('#', ...) do out[#out + 1] = (select(index, ...)) end
        end

        local function step(place, id, bytes)
          cursor = { place.ns, place.key, id }
          count, size = count + 1, size + bytes
          is_full = count >= count_max or size >= byte_max
        end

        """#

    private static let visiting = #"""
        local function visit_head(place)
          local head, bytes = redis.call('HMGET', place.name .. ':h', 'f', 'v'), 0
          if scope.f and not scope.v and head[1] then emit(place, 'F', head[1]) end
          if scope.d and head[2] and (scope.r or visible(document_of(head[2]))) then
            local value = ''
            if not scope.b then value = redis.call('HGET', place.name .. ':h', 'd') or '' end
            bytes = #value
            emit(place, 'D', head[2], value)
          end
          if scope.f and scope.v and head[1] then emit(place, 'F', head[1]) end
          step(place, zero, bytes)
        end

        local function visit_items(place, low, high)
          local list, wanted = place.name .. ':l', 8
          while true do
            local page, bytes
            if scope.v then
              page = redis.call('ZREVRANGEBYLEX', list, high, low, 'LIMIT', 0, wanted)
            else
              page = redis.call('ZRANGEBYLEX', list, low, high, 'LIMIT', 0, wanted)
            end
            bytes = 0
            for _, text in ipairs(page) do
              local item = item_of(text)
              if scope.r or visible(item) then
                emit(place, 'I', scope.b and text:sub(1, item.value_at - 1) or text)
              end
              bytes = bytes + #text
              step(place, text:sub(1, 16), #text)
              if is_full then return end
            end
            if #page < wanted then return end
            local last = page[#page]:sub(1, 16)
            if scope.v then high = '(' .. last else low = '(' .. last .. '\255' end
            -- What is read at once stays small, whatever the size of the items.
            wanted = math.max(2, math.min(256, math.floor(byte_max / 4 / (bytes / #page))))
          end
        end

        local function visit_key(ns, key)
          local place = { ns = ns, key = key, name = name_of(ns, key) }
          if scope.v then
            if scope.i then visit_items(place, '-', '+') end
            if not is_full then visit_head(place) end
          else
            visit_head(place)
            if scope.i and not is_full then visit_items(place, '-', '+') end
          end
        end

        """#

    private static let walking = #"""
        local function between(name, low, high, wanted)
          if scope.v then return redis.call('ZREVRANGEBYLEX', name, high, low, 'LIMIT', 0, wanted) end
          return redis.call('ZRANGEBYLEX', name, low, high, 'LIMIT', 0, wanted)
        end

        local function visit_keys(ns, low, high)
          while not is_full do
            local page = between(prefix .. 'keys:' .. ns, low, high, 64)
            for _, key in ipairs(page) do
              visit_key(ns, key)
              if is_full then return end
            end
            if #page < 64 then return end
            if scope.v then high = '(' .. page[#page] else low = '(' .. page[#page] end
          end
        end

        local low, high, is_resumed = ARGV[8], ARGV[9], ARGV[10] == '1'
        local names_low, names_high = '-', '+'
        if is_resumed then
          local place = { ns = ARGV[11], key = ARGV[12], name = name_of(ARGV[11], ARGV[12]) }
          local id = ARGV[13]
          if ARGV[16] == '1' then
            if not scope.v then
              if scope.i then visit_items(place, '(' .. id .. '\255', '+') end
            elseif id ~= zero then
              if scope.i then visit_items(place, '-', '(' .. id) end
              if not is_full then visit_head(place) end
            end
          end
          visit_keys(place.ns, ARGV[14], ARGV[15])
          if scope.v then names_high = '(' .. place.ns else names_low = '(' .. place.ns end
        elseif ARGV[5] ~= '' then
          visit_keys(ARGV[5], low, high)
        end
        while ARGV[5] == '' and not is_full do
          local page = between(prefix .. 'names', names_low, names_high, 16)
          for _, ns in ipairs(page) do
            visit_keys(ns, low, high)
            if is_full then break end
          end
          if #page < 16 then break end
          if scope.v then names_high = '(' .. page[#page] else names_low = '(' .. page[#page] end
        end
        if is_full then
          out[#out + 1], out[#out + 2], out[#out + 3], out[#out + 4] = 'C', cursor[1], cursor[2], cursor[3]
        else
          out[#out + 1] = 'E'
        end
        return out
        """#
}
